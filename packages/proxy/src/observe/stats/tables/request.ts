import { defineStats } from "../definition.ts";

/**
 * `vhost.<name>.vcluster.<name>.*` and `vhost.<name>.route.<stat_prefix>.*`: requests of a virtual cluster, or of a route
 * with a stat prefix. The lazy part appears with the first response; codes of their own are dynamic counters.
 */
export const REQUEST_STATS = defineStats(
  {
    upstream_rq_retry: "counter",
    upstream_rq_retry_limit_exceeded: "counter",
    upstream_rq_retry_overflow: "counter",
    upstream_rq_retry_success: "counter",
    upstream_rq_timeout: "counter",
    upstream_rq_total: "counter",
    upstream_rq_completed: "counter",
    upstream_rq_1xx: "counter",
    upstream_rq_2xx: "counter",
    upstream_rq_3xx: "counter",
    upstream_rq_4xx: "counter",
    upstream_rq_5xx: "counter",
    upstream_rq_time: "histogram",
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
