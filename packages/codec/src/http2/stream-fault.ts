import type { Http2Counter, Http2ResetReason } from "./callbacks.ts";
import { Http2ErrorCode } from "./error-codes.ts";

/** What is wrong with one stream, and what is done about it. Data, one object per sort. */
export interface StreamFault {
  /** Of the RST_STREAM. */
  readonly code: number;
  readonly reason: Http2ResetReason;
  /** Envoy's response code detail. */
  readonly details: string;
  /** Counted beside `tx_reset`; null for none. */
  readonly counter: Http2Counter | null;
  /** An invalid HTTP message, which ends the connection unless `overrideStreamErrorOnInvalidHttpMessage`. */
  readonly invalidMessage: boolean;
}

const MESSAGING = "http2.violation.of.messaging.rule";

/** Every fault that the codecs find inside of one stream. */
export const StreamFaults = {
  /** A header that may not stand in a message, or not there (RFC 9113 8.2 and 8.3). */
  InvalidHeaderField: invalidMessage("http2.invalid.header.field"),
  /** Missing pseudo headers, trailers, order of frames (RFC 9113 8). */
  MessagingRule: invalidMessage(MESSAGING),
  /** Content of another length than `content-length` says (RFC 9113 8.1.1). Envoy calls that a reset of the peer. */
  ContentLength: fault(Http2ErrorCode.ProtocolError, "http2.remote_reset"),
  /** More than `maxHeadersCount`. Envoy resets with this code. */
  TooManyHeaders: limit("http2.too_many_headers", "header_overflow"),
  /** More than `maxHeadersKb`. */
  HeadersTooLarge: limit("http2.header_list_size_too_large", "header_list_size_too_large"),
  /** A name with an underscore while REJECT_REQUEST is set. */
  UnexpectedUnderscore: limit(
    "http2.unexpected_underscore",
    "requests_rejected_with_underscores_in_headers",
  ),
  /** A frame behind END_STREAM (RFC 9113 5.1). */
  StreamClosed: fault(Http2ErrorCode.StreamClosed, MESSAGING),
  /** DATA beyond the window, or a window beyond 2^31 - 1 (RFC 9113 6.9). */
  FlowControl: fault(Http2ErrorCode.FlowControlError, MESSAGING),
  /** A frame of another size than its type has (RFC 9113 4.2). */
  FrameSize: fault(Http2ErrorCode.FrameSizeError, MESSAGING),
  /** A window update of 0, a stream that depends on itself (RFC 9113 6.9, RFC 7540 5.3.1). */
  Protocol: fault(Http2ErrorCode.ProtocolError, MESSAGING),
} as const satisfies { readonly [name: string]: StreamFault };

function fault(code: number, details: string): StreamFault {
  return { code, reason: "protocol_error", details, counter: null, invalidMessage: false };
}

/** What is no fault of the protocol, but more than is allowed here. To Envoy it is a reset of the peer. */
function limit(details: string, counter: Http2Counter): StreamFault {
  const code = Http2ErrorCode.InternalError;
  return { code, reason: "remote_reset", details, counter, invalidMessage: false };
}

function invalidMessage(details: string): StreamFault {
  return {
    code: Http2ErrorCode.ProtocolError,
    reason: "protocol_error",
    details,
    counter: "rx_messaging_error",
    invalidMessage: true,
  };
}
