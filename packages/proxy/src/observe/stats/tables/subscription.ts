import { defineStats, type StatTable } from "../definition.ts";

/** What every subscription counts, after the prefix of its owner: `cluster_manager.cds.*` (Envoy's `ALL_SUBSCRIPTION_STATS`). */
export const SUBSCRIPTION = {
  init_fetch_timeout: "counter",
  update_attempt: "counter",
  update_failure: "counter",
  update_rejected: "counter",
  update_success: "counter",
  /** Milliseconds since the epoch. */
  update_time: "gauge",
  update_duration: "histogram",
  /** `versionNumber` of the last response that was taken; `version_text`, a text readout, has it as it came. */
  version: "gauge",
} as const;

export const SUBSCRIPTION_STATS: StatTable<keyof typeof SUBSCRIPTION> = defineStats(SUBSCRIPTION);

/** `cluster_manager.cds.*`. */
export const CDS_STATS = defineStats({
  ...SUBSCRIPTION,
  /** How often clusters changed. */
  config_reload: "counter",
  config_reload_time_ms: "gauge",
});

/** `http.<prefix>.rds.<name>.*`. */
export const RDS_STATS = defineStats({
  ...SUBSCRIPTION,
  config_reload: "counter",
  config_reload_time_ms: "gauge",
});

/** `http.<prefix>.rds.vhds.<name>.*`. */
export const VHDS_STATS = defineStats({
  ...SUBSCRIPTION,
  config_reload: "counter",
  config_reload_time_ms: "gauge",
  /** Nothing counts here, in Envoy neither. */
  update_empty: "counter",
});

/** `http.<prefix>.scoped_rds.<name>.*`. */
export const SCOPED_RDS_STATS = defineStats({
  ...SUBSCRIPTION,
  config_reload: "counter",
  config_reload_time_ms: "gauge",
  /** Nothing counts here, in Envoy neither. */
  update_empty: "counter",
  all_scopes: "gauge",
  on_demand_scopes: "gauge",
  /** Those whose routes are there, or asked for. */
  active_scopes: "gauge",
});

/** `extension_config_discovery.<kind of filter>.<name>.*`. */
export const ECDS_STATS = defineStats({
  ...SUBSCRIPTION,
  /** What is there does not suit a filter that asks for it now. */
  config_conflict: "counter",
  /** Refused, or not there in time. */
  config_fail: "counter",
  config_reload: "counter",
});

/** `control_plane.*` of ADS, `cluster_manager.cds.control_plane.*` of a stream of one type. */
export const CONTROL_PLANE_STATS = defineStats({
  connected_state: "gauge",
  pending_requests: "gauge",
  rate_limit_enforced: "counter",
});
