import type { CodecError } from "../callbacks.ts";

/**
 * Every violation that the HTTP/1 codecs report. The codes are Envoy's response code details where it has one.
 * Towards a client, status and reply are the local reply (with `connection: close`); of an upstream's
 * violation only the code counts, the router answers 502.
 */
export const Http1Error = {
  /** Not HTTP/1 grammar: start line, line ends, header lines, content-length, chunks. */
  CodecError: badRequest("http1.codec_error"),
  /** A control character in a target or a header value. */
  InvalidCharacters: badRequest("http1.invalid_characters"),
  /** A header name with an underscore while REJECT_REQUEST is set. */
  UnexpectedUnderscore: badRequest("http1.unexpected_underscore"),
  /** An absolute-form, authority-form or asterisk-form target that is not valid, or not for this method. */
  InvalidUrl: badRequest("http1.invalid_url"),
  /** An absolute-form target that is neither http nor https. */
  InvalidScheme: badRequest("http1.invalid_scheme"),
  /** An absolute-form target of https on a connection without TLS, where `refuseHttpsTarget` is set. */
  HttpsTarget: error("http1.https_url_on_plaintext_connection", 403, "Forbidden"),
  /** A character in `Host` that may not stand there, or several such lines. */
  InvalidAuthority: badRequest("http.invalid_authority"),
  /** Transfer-Encoding beside Content-Length (RFC 9112 6.1). */
  ContentLengthAndChunked: badRequest("http1.content_length_and_chunked_not_allowed"),
  /** Content-Length where no body may be: CONNECT, 204. */
  BodyDisallowed: badRequest("http1.body_disallowed"),
  /** `Connection` nominates a header that must not be removed, or too many. */
  ConnectionHeaderRejected: badRequest("http1.connection_header_rejected"),
  /** Framing or routing fields in the trailers (RFC 9110 6.5.1). */
  DisallowedTrailer: badRequest("http1.disallowed_trailer"),
  /** More than `maxChunkExtensionBytes`. */
  ChunkExtensionsTooLarge: badRequest("http1.chunk_extensions_too_large"),
  /** Not HTTP/1.1 (nor HTTP/1.0 where accepted). */
  LowVersion: error("low_version", 426, "Upgrade Required"),
  /** More than `maxHeadersKb`. */
  HeadersTooLarge: error("http1.headers_too_large", 431, "Request Header Fields Too Large"),
  /** More than `maxHeadersCount`. */
  TooManyHeaders: error("http1.too_many_headers", 431, "Request Header Fields Too Large"),
  /** A transfer coding other than `chunked`, or one that must not be here. */
  InvalidTransferEncoding: error("http1.invalid_transfer_encoding", 501, "Not Implemented"),
  /** The upstream closed inside a message. */
  PrematureClose: error("http1.premature_close", 502, "Bad Gateway"),
  /** The upstream sent bytes while no request was waiting for them. */
  UnsolicitedResponse: error("http1.unsolicited_response", 502, "Bad Gateway"),
  /** 101 that was not asked for. */
  UnexpectedUpgrade: error("http1.unexpected_upgrade", 502, "Bad Gateway"),
  /** More than `maxInterimResponses`. */
  TooManyInterimResponses: error("http1.too_many_interim_responses", 502, "Bad Gateway"),
} as const;

function badRequest(code: string): CodecError {
  return error(code, 400, "Bad Request");
}

function error(code: string, status: number, reply: string): CodecError {
  return { code, status, reply };
}
