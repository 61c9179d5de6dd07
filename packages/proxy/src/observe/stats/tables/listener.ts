import { defineStats } from "../definition.ts";

const LISTENER = {
  downstream_cx_total: "counter",
  downstream_cx_active: "gauge",
  downstream_cx_destroy: "counter",
  downstream_cx_length_ms: "histogram",
  downstream_cx_overflow: "counter",
  downstream_cx_overload_reject: "counter",
  downstream_cx_transport_socket_connect_timeout: "counter",
  downstream_global_cx_overflow: "counter",
  downstream_listener_filter_error: "counter",
  downstream_listener_filter_remote_close: "counter",
  downstream_pre_cx_active: "gauge",
  downstream_pre_cx_timeout: "counter",
  connections_accepted_per_socket_event: "histogram",
  no_filter_chain_match: "counter",
} as const;

/** `listener.<stat_prefix, or address with _ for :>.*`. */
export const LISTENER_STATS = defineStats({
  ...LISTENER,
  extension_config_missing: "counter",
  network_extension_config_missing: "counter",
});

/** `listener.admin.*`. */
export const ADMIN_LISTENER_STATS = defineStats(LISTENER);

/** `listener.<addr>.worker_<n>.*`, and `listener.admin.main_thread.*`. */
export const LISTENER_WORKER_STATS = defineStats({
  downstream_cx_active: "gauge",
  downstream_cx_total: "counter",
});

/** `listener.<addr>.http.<stat_prefix>.*`: what a connection manager counts once more for its listener. */
export const LISTENER_HTTP_STATS = defineStats({
  downstream_rq_completed: "counter",
  downstream_rq_1xx: "counter",
  downstream_rq_2xx: "counter",
  downstream_rq_3xx: "counter",
  downstream_rq_4xx: "counter",
  downstream_rq_5xx: "counter",
});
