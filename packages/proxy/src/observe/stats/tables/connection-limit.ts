import { defineStats } from "../definition.ts";

/** `connection_limit.<stat_prefix>.*`. */
export const CONNECTION_LIMIT_STATS = defineStats({
  active_connections: "gauge",
  limited_connections: "counter",
});
