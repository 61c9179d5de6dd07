import { defineStats } from "../definition.ts";

/** `cluster.<name>.*` of a cluster whose hosts come by EDS, beside those of every cluster. Written by main. */
export const EDS_STATS = defineStats({
  init_fetch_timeout: "counter",
  update_duration: "histogram",
  update_rejected: "counter",
  update_time: "gauge",
});
