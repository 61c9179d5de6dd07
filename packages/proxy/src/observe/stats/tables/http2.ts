import { defineStats } from "../definition.ts";

const KINDS = {
  deferred_stream_close: "gauge",
  dropped_headers_with_underscores: "counter",
  goaway_sent: "counter",
  header_list_size_too_large: "counter",
  header_overflow: "counter",
  headers_cb_no_stream: "counter",
  inbound_empty_frames_flood: "counter",
  inbound_priority_frames_flood: "counter",
  inbound_window_update_frames_flood: "counter",
  keepalive_timeout: "counter",
  metadata_empty_frames: "counter",
  outbound_control_flood: "counter",
  outbound_control_frames_active: "gauge",
  outbound_flood: "counter",
  outbound_frames_active: "gauge",
  pending_send_bytes: "gauge",
  requests_rejected_with_underscores_in_headers: "counter",
  rx_messaging_error: "counter",
  rx_reset: "counter",
  stream_refused_errors: "counter",
  streams_active: "gauge",
  trailers: "counter",
  tx_flush_timeout: "counter",
  tx_reset: "counter",
} as const;

/**
 * `http2.*` (all downstream codecs together) and `cluster.<name>.http2.*`. They appear with the first HTTP/2 codec of the
 * scope: call `touchScope` when that is built.
 */
export const HTTP2_STATS = defineStats(KINDS, Object.keys(KINDS) as (keyof typeof KINDS)[]);
