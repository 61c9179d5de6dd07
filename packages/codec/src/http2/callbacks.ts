import type { ByteSink } from "../callbacks.ts";
import type { HeaderMap } from "../header-map.ts";
import type { Http2Stream } from "./stream.ts";

/** Why a stream ended before its end (Envoy's `StreamResetReason`, as far as HTTP/2 tells). */
export type Http2ResetReason =
  /** RST_STREAM came, with a code that has no name of its own here; or a limit of ours was passed, which Envoy calls the same. */
  | "remote_reset"
  /** RST_STREAM(NO_ERROR) came behind a whole message: the peer just wants no more (RFC 9113, section 8.1). */
  | "remote_reset_no_error"
  /** RST_STREAM(REFUSED_STREAM) came, or a GOAWAY says that the stream was not looked at. */
  | "remote_refused_stream_reset"
  /** One side broke the protocol, on this stream, which was reset because of it, or the peer on the connection, which ends. */
  | "protocol_error"
  /** CONNECT_ERROR came: the tunnel's other end failed. */
  | "connect_error"
  /** The connection ended. */
  | "connection_termination";

/**
 * What is told of one stream. Every `Buffer` is borrowed: valid until the call returns. After `endStream`, trailers or
 * `onReset` nothing more comes; after `onReset` the stream takes no more either.
 */
export interface Http2StreamCallbacks {
  /** Client side only: an informational response; the final one is still to come. */
  on1xxHeaders(headers: HeaderMap): void;
  onHeaders(headers: HeaderMap, endStream: boolean): void;
  onData(data: Buffer, endStream: boolean): void;
  onTrailers(trailers: HeaderMap): void;
  /** The end of our half was written, which may have waited for a window. Not after a reset. */
  onEndSent(): void;
  /** `details`: a stable text for response code details, such as `http2.remote_reset`. */
  onReset(reason: Http2ResetReason, details: string): void;
  /** What this stream could not send yet passed `streamBufferLimitBytes`, and is gone below it again. */
  onAboveWriteBufferHighWatermark(): void;
  onBelowWriteBufferLowWatermark(): void;
}

/** Where a codec puts its bytes: a connection. */
export interface Http2Sink extends ByteSink {
  /** Bytes of what was written that the socket has not taken. Asked when a limit of waiting frames may be passed. */
  readonly unsentBytes: number;
  /** Appends `data` in pieces of `pieceBytes`, each behind its head; heads are of one length. Borrowed, as always. */
  writePieces(heads: readonly string[], data: Buffer, pieceBytes: number): void;
}

/** What is told of the connection. Nothing is told before the constructor of the codec has returned. */
export interface Http2ConnectionCallbacks {
  /** Server side only: a request begins. Returns who is told of it; `stream.callbacks` may be set anew later. */
  onNewStream(stream: Http2Stream): Http2StreamCallbacks;
  /** A stream is gone for good, both halves ended or reset; once per stream, behind its own last callback. */
  onStreamClosed(stream: Http2Stream): void;
  /** The peer said for the first time that it will take no new streams; those that it gives up with that are reset. */
  onGoAway(): void;
  /** The peer's SETTINGS came, for the first time or anew. */
  onSettings(): void;
  /** The answer to `ping()`. */
  onPingAck(): void;
  /**
   * The peer broke the protocol, or passed a limit, in a way that ends the connection. GOAWAY is written already, and all
   * streams are reset next; the owner closes behind what is written. The codec takes no further input.
   */
  onConnectionError(error: Http2ConnectionError): void;
}

/** Data, not an exception: wire input never throws. */
export interface Http2ConnectionError {
  /** The error code of the GOAWAY (RFC 9113 7). */
  readonly code: number;
  /** Stable, Envoy's response code detail where it has one: `http2.outbound_control_flood`. */
  readonly details: string;
  /** A limit was passed that has a counter of its own; to Envoy's stats that is no error of the protocol. */
  readonly counted: boolean;
}

/**
 * Counters and gauges of `http2.`, a number each (Envoy's http2 codec stats). The codec adds to all of them but
 * `keepalive_timeout` and `tx_flush_timeout`, whose timers are the owner's, and those marked below.
 */
export interface Http2Counters {
  add(counter: Http2Counter, by: number): void;
}

export type Http2Counter =
  | "dropped_headers_with_underscores"
  | "goaway_sent"
  | "header_list_size_too_large"
  | "header_overflow"
  | "headers_cb_no_stream"
  | "inbound_empty_frames_flood"
  | "inbound_priority_frames_flood"
  | "inbound_window_update_frames_flood"
  | "keepalive_timeout"
  | "outbound_control_flood"
  | "outbound_flood"
  | "requests_rejected_with_underscores_in_headers"
  | "rx_messaging_error"
  | "rx_reset"
  | "stream_refused_errors"
  | "trailers"
  | "tx_flush_timeout"
  | "tx_reset"
  /** Gauges. */
  | "streams_active"
  | "pending_send_bytes"
  /** Gauges that stay with the owner: frames are counted when a limit is near (`Http2Sink`), not one by one. */
  | "deferred_stream_close"
  | "outbound_frames_active"
  | "outbound_control_frames_active";
