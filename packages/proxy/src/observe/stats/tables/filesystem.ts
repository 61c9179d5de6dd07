import { defineStats } from "../definition.ts";

/** `filesystem.*`: files that access logs write. */
export const FILESYSTEM_STATS = defineStats({
  flushed_by_timer: "counter",
  reopen_failed: "counter",
  write_buffered: "counter",
  write_completed: "counter",
  write_failed: "counter",
  write_total_buffered: "gauge",
});
