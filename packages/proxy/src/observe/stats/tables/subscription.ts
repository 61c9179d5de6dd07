import { defineStats, type StatTable } from "../definition.ts";

/** What every subscription counts, after the prefix of its owner: `cluster_manager.cds.*` (Envoy's `ALL_SUBSCRIPTION_STATS`). */
const SUBSCRIPTION = {
  init_fetch_timeout: "counter",
  update_attempt: "counter",
  update_failure: "counter",
  update_rejected: "counter",
  update_success: "counter",
  /** Milliseconds since the epoch. */
  update_time: "gauge",
  update_duration: "histogram",
} as const;

export const SUBSCRIPTION_STATS: StatTable<keyof typeof SUBSCRIPTION> = defineStats(SUBSCRIPTION);

/** `http.<prefix>.rds.<name>.*`. */
export const RDS_STATS = defineStats({
  ...SUBSCRIPTION,
  config_reload: "counter",
  config_reload_time_ms: "gauge",
});

/** `control_plane.*`. */
export const CONTROL_PLANE_STATS = defineStats({
  connected_state: "gauge",
  pending_requests: "gauge",
  rate_limit_enforced: "counter",
});
