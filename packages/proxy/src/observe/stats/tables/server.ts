import { defineStats } from "../definition.ts";

/** `server.*`. Written by main. `server.version` and the memory gauges are refreshed when somebody reads. */
export const SERVER_STATS = defineStats({
  "compilation_settings.fips_mode": "gauge",
  concurrency: "gauge",
  days_until_first_cert_expiring: "gauge",
  debug_assertion_failures: "counter",
  dropped_stat_flushes: "counter",
  dynamic_unknown_fields: "counter",
  envoy_bug_failures: "counter",
  envoy_notifications: "counter",
  hot_restart_epoch: "gauge",
  hot_restart_generation: "gauge",
  initialization_time_ms: "histogram",
  live: "gauge",
  memory_allocated: "gauge",
  memory_heap_size: "gauge",
  memory_physical_size: "gauge",
  parent_connections: "gauge",
  seconds_until_first_ocsp_response_expiring: "gauge",
  state: "gauge",
  static_unknown_fields: "counter",
  stats_recent_lookups: "gauge",
  total_connections: "gauge",
  uptime: "gauge",
  version: "gauge",
  wip_protos: "counter",
});
