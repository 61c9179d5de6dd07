import { defineStats } from "../definition.ts";

/** `http.<stat_prefix>.ext_authz.[<stat_prefix>.]*`. */
export const EXT_AUTHZ_STATS = defineStats({
  ok: "counter",
  denied: "counter",
  error: "counter",
  disabled: "counter",
  failure_mode_allowed: "counter",
  invalid: "counter",
  ignored_dynamic_metadata: "counter",
  filter_state_name_collision: "counter",
  omitted_response_headers: "counter",
  request_header_limits_reached: "counter",
  response_header_limits_reached: "counter",
  shadow_denied: "counter",
  shadow_error: "counter",
});
