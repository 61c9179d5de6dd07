import { defineStats } from "../definition.ts";

/** `http.<stat_prefix>.*` that come with the router filter, beside those of the connection manager. */
export const ROUTER_STATS = defineStats({
  rq_total: "counter",
  rq_direct_response: "counter",
  rq_redirect: "counter",
  rq_overload_local_reply: "counter",
  rq_reset_after_downstream_response_started: "counter",
  no_cluster: "counter",
  no_route: "counter",
  passthrough_internal_redirect_bad_location: "counter",
  passthrough_internal_redirect_no_route: "counter",
  passthrough_internal_redirect_predicate: "counter",
  passthrough_internal_redirect_too_many_redirects: "counter",
  passthrough_internal_redirect_unsafe_scheme: "counter",
});
