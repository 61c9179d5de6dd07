import { defineStats } from "../definition.ts";

/** `cluster.<name>.ring_hash_lb.*`: the ring of the last priority that has hosts. */
export const RING_HASH_LB_STATS = defineStats({
  size: "gauge",
  min_hashes_per_host: "gauge",
  max_hashes_per_host: "gauge",
});

/** `cluster.<name>.maglev_lb.*`: the table of the last priority that has hosts. */
export const MAGLEV_LB_STATS = defineStats({
  min_entries_per_host: "gauge",
  max_entries_per_host: "gauge",
});
