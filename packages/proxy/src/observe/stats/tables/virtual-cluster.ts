import { defineStats } from "../definition.ts";

/**
 * `vhost.<virtual host>.vcluster.<virtual cluster>.*`; a virtual host with virtual clusters also has `other`.
 * Codes of their own (`upstream_rq_200`) are dynamic counters.
 */
export const VIRTUAL_CLUSTER_STATS = defineStats(
  {
    upstream_rq_total: "counter",
    upstream_rq_completed: "counter",
    upstream_rq_1xx: "counter",
    upstream_rq_2xx: "counter",
    upstream_rq_3xx: "counter",
    upstream_rq_4xx: "counter",
    upstream_rq_5xx: "counter",
    upstream_rq_time: "histogram",
    upstream_rq_retry: "counter",
    upstream_rq_retry_limit_exceeded: "counter",
    upstream_rq_retry_overflow: "counter",
    upstream_rq_retry_success: "counter",
    upstream_rq_timeout: "counter",
  },
  [
    "upstream_rq_completed",
    "upstream_rq_1xx",
    "upstream_rq_2xx",
    "upstream_rq_3xx",
    "upstream_rq_4xx",
    "upstream_rq_5xx",
    "upstream_rq_time",
  ],
);
