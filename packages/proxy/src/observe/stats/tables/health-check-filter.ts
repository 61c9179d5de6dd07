import { defineStats } from "../definition.ts";

/** `http.<stat_prefix>.health_check.*`: what is answered from here. */
export const HEALTH_CHECK_FILTER_STATS = defineStats({
  request_total: "counter",
  ok: "counter",
  failed: "counter",
  cached_response: "counter",
  degraded: "counter",
  failed_cluster_not_found: "counter",
  failed_cluster_empty: "counter",
  failed_cluster_unhealthy: "counter",
});
