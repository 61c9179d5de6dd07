import type { Http2ConnectionError } from "./callbacks.ts";
import { Http2ErrorCode } from "./error-codes.ts";

/** What Envoy says of all that its codec library ends by itself, and of the other streams of a connection that ends. */
const UNKNOWN = "codec_error:The_user_callback_function_failed";

/** Everything that ends a connection. The details are Envoy's where it has them. */
export const ConnectionErrors = {
  Protocol: violation(Http2ErrorCode.ProtocolError, UNKNOWN),
  FlowControl: violation(Http2ErrorCode.FlowControlError, UNKNOWN),
  StreamClosed: violation(Http2ErrorCode.StreamClosed, UNKNOWN),
  FrameSize: violation(Http2ErrorCode.FrameSizeError, UNKNOWN),
  Compression: violation(Http2ErrorCode.CompressionError, UNKNOWN),
  /** An invalid HTTP message where `overrideStreamErrorOnInvalidHttpMessage` is not set. */
  InvalidHeaderField: violation(Http2ErrorCode.ProtocolError, "http2.invalid.header.field"),
  MessagingRule: violation(Http2ErrorCode.ProtocolError, "http2.violation.of.messaging.rule"),
  /** `maxConsecutiveInboundFramesWithEmptyPayload`. */
  EmptyFramesFlood: flood("http2.inbound_empty_frames_flood"),
  /** `maxInboundPriorityFramesPerStream`. */
  PriorityFramesFlood: flood("http2.inbound_priority_frames_flood"),
  /** `maxInboundWindowUpdateFramesPerDataFrameSent`. */
  WindowUpdateFramesFlood: flood("http2.inbound_window_update_frames_flood"),
  /** `maxOutboundFrames`. */
  OutboundFlood: flood("http2.outbound_frames_flood"),
  /** `maxOutboundControlFrames`. */
  OutboundControlFlood: flood("http2.outbound_control_frames_flood"),
  /** `streamResetBurst`, `streamResetsPerSecond`: also of streams beyond `maxConcurrentStreams`. */
  StreamResetFlood: calm("http2.stream_reset_flood"),
  /** `ownResetBurst`, `ownResetsPerSecond`. */
  OwnResetFlood: calm("http2.own_reset_flood"),
  /** `settingsBurst`, `settingsPerSecond`. */
  SettingsFlood: calm("http2.settings_flood"),
  /** `maxInboundIgnoredFramesPerMessageFrame`. */
  IgnoredFramesFlood: calm("http2.ignored_frames_flood"),
  /** A header block that goes on far beyond `maxHeadersKb`, or comes in too many frames. */
  ContinuationFlood: calm("http2.continuation_flood"),
} as const satisfies { readonly [name: string]: Http2ConnectionError };

function violation(code: number, details: string): Http2ConnectionError {
  return { code, details, counted: false };
}

/** A limit without a counter of its own. */
function calm(details: string): Http2ConnectionError {
  return violation(Http2ErrorCode.EnhanceYourCalm, details);
}

function flood(details: string): Http2ConnectionError {
  return { code: Http2ErrorCode.EnhanceYourCalm, details, counted: true };
}
