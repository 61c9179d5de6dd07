import { defineStats } from "../definition.ts";

/** `cluster.<name>.circuit_breakers.<default|high>.*` that exist with `track_remaining` only. */
export const CIRCUIT_BREAKER_REMAINING_STATS = defineStats({
  remaining_cx: "gauge",
  remaining_cx_pools: "gauge",
  remaining_pending: "gauge",
  remaining_retries: "gauge",
  remaining_rq: "gauge",
});
