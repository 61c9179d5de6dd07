import { defineStats } from "../definition.ts";

/** `runtime.*`. Written by main. */
export const RUNTIME_STATS = defineStats({
  admin_overrides_active: "gauge",
  deprecated_feature_seen_since_process_start: "gauge",
  deprecated_feature_use: "counter",
  load_error: "counter",
  load_success: "counter",
  num_keys: "gauge",
  num_layers: "gauge",
  override_dir_exists: "counter",
  override_dir_not_exists: "counter",
});
