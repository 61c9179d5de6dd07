/** How header names are written on the wire (Envoy's `header_key_format`). */
export type HeaderKeyFormat = "lower_case" | "proper_case_words";

/** Envoy's `PreserveCaseFormatterConfig`. */
export interface PreserveCaseOptions {
  /** A response keeps the reason phrase of its sender. */
  readonly forwardReasonPhrase: boolean;
  /** How names are written that the sender did not write (`formatter_type_on_envoy_headers`). */
  readonly ownHeaders: HeaderKeyFormat;
}

/** What happens to a request with an underscore in a header name (Envoy's `headers_with_underscores_action`). */
export type HeadersWithUnderscoresAction = "ALLOW" | "REJECT_REQUEST" | "DROP_HEADER";

/**
 * The options of one HTTP/1 codec: Envoy's `Http1ProtocolOptions` and the limits around it. Where RFC 9112 is
 * stricter than Envoy and Envoy has no option, the codec is strict.
 */
export interface Http1Options {
  /** Limit of a head, start line and line ends included, and of a trailer section (`max_request_headers_kb`). */
  readonly maxHeadersKb: number;
  /** Header lines of a head, and of a trailer section (`max_headers_count`). */
  readonly maxHeadersCount: number;
  /** Tokens over all `connection` lines of a request; more are refused, as Envoy does. */
  readonly maxConnectionTokens: number;
  /** Bytes of all chunk extensions of one message (RFC 9112 7.1.1 asks for a limit). */
  readonly maxChunkExtensionBytes: number;
  /** 1xx responses before the final one. */
  readonly maxInterimResponses: number;
  /** Requests only; responses are not affected. */
  readonly headersWithUnderscoresAction: HeadersWithUnderscoresAction;
  /** Split `GET http://host/path` into authority and path. Otherwise the target is the path as it stands. */
  readonly allowAbsoluteUrl: boolean;
  /** Nobody in front of this proxy may have ended TLS, so a target of https over plaintext is a lie: 403. */
  readonly refuseHttpsTarget: boolean;
  /** Otherwise HTTP/1.0 requests get 426. */
  readonly acceptHttp10: boolean;
  /** The authority of an HTTP/1.0 request without `Host`. */
  readonly defaultHostForHttp10: string;
  readonly headerKeyFormat: HeaderKeyFormat;
  /** Messages that are read keep the spelling of their header names when they are sent on; null forgets it. */
  readonly preserveCase: PreserveCaseOptions | null;
  /** Otherwise trailers are checked and dropped, in both directions. */
  readonly enableTrailers: boolean;
  /** With both `transfer-encoding: chunked` and `content-length`, drop the latter and close afterwards. */
  readonly allowChunkedLength: boolean;
  /** Any token as a method. Otherwise only the methods that Envoy's parser knows. */
  readonly allowCustomMethods: boolean;
  /**
   * Protocols whose upgrade is not asked for, whatever a request says (`ignore_http_11_upgrade`); null for none. Takes a
   * token of `upgrade` as it is spelt.
   */
  readonly ignoresUpgrade: ((token: string) => boolean) | null;
  /** Requests are written in absolute-form. */
  readonly sendFullyQualifiedUrl: boolean;
}

/** Envoy's defaults. */
export const DEFAULT_HTTP1_OPTIONS: Http1Options = {
  maxHeadersKb: 60,
  maxHeadersCount: 100,
  maxConnectionTokens: 9,
  maxChunkExtensionBytes: 16384,
  maxInterimResponses: 100,
  headersWithUnderscoresAction: "ALLOW",
  allowAbsoluteUrl: true,
  refuseHttpsTarget: false,
  acceptHttp10: false,
  defaultHostForHttp10: "",
  headerKeyFormat: "lower_case",
  preserveCase: null,
  enableTrailers: false,
  allowChunkedLength: false,
  allowCustomMethods: false,
  ignoresUpgrade: null,
  sendFullyQualifiedUrl: false,
};

/** The defaults with some options set. */
export function http1Options(options: Partial<Http1Options>): Http1Options {
  return { ...DEFAULT_HTTP1_OPTIONS, ...options };
}
