import type { HeadersWithUnderscoresAction } from "../http1/options.ts";
import type { HuffmanUse } from "./hpack/encoder.ts";

/** The options of one HTTP/2 codec: Envoy's `Http2ProtocolOptions` and the limits around it. */
export interface Http2Options {
  /** SETTINGS_HEADER_TABLE_SIZE that we announce, and the most that our encoder uses (`hpack_table_size`). */
  readonly hpackTableSizeBytes: number;
  /** Streams that the peer may have open; on the client side the most that we open (`max_concurrent_streams`). */
  readonly maxConcurrentStreams: number;
  readonly initialStreamWindowBytes: number;
  readonly initialConnectionWindowBytes: number;
  /** Server side: announce SETTINGS_ENABLE_CONNECT_PROTOCOL and take extended CONNECT (`allow_connect`). */
  readonly allowConnect: boolean;
  /** Frames waiting for the socket, all kinds (`max_outbound_frames`). */
  readonly maxOutboundFrames: number;
  /** PING, SETTINGS and RST_STREAM frames waiting for the socket (`max_outbound_control_frames`). */
  readonly maxOutboundControlFrames: number;
  /** DATA, HEADERS or CONTINUATION frames without payload and END_STREAM, one after the other. */
  readonly maxConsecutiveInboundFramesWithEmptyPayload: number;
  /** More than this many, times (1 + streams opened), PRIORITY frames are a flood. */
  readonly maxInboundPriorityFramesPerStream: number;
  /** 5 + 2 × (streams opened + this × DATA frames sent) WINDOW_UPDATE frames may come. */
  readonly maxInboundWindowUpdateFramesPerDataFrameSent: number;
  /** This × (1 + DATA, HEADERS and CONTINUATION frames) frames may come that mean nothing, such as those of unknown types. */
  readonly maxInboundIgnoredFramesPerMessageFrame: number;
  /** A violation of HTTP inside one stream resets the stream instead of ending the connection. */
  readonly overrideStreamErrorOnInvalidHttpMessage: boolean;
  /** Limit of a header block, on the wire and as a list, in KiB (`max_request_headers_kb`). */
  readonly maxHeadersKb: number;
  /** Limit of one name or value, decoded, in KiB; beyond it the connection ends (`max_header_field_size_kb`). */
  readonly maxHeaderFieldKb: number;
  /** Values may have no octets above 127 (`disallow_obs_text`). */
  readonly disallowObsText: boolean;
  /** Header lines of a head, and of a trailer section (`max_headers_count`). */
  readonly maxHeadersCount: number;
  /** Client side: 1xx responses before the final one. */
  readonly maxInterimResponses: number;
  readonly headersWithUnderscoresAction: HeadersWithUnderscoresAction;
  /** RST_STREAM frames that may come at once, and a second (nghttp2's stream reset burst and rate). */
  readonly streamResetBurst: number;
  readonly streamResetsPerSecond: number;
  /** Streams that we may have to reset because of errors of the peer, at once and a second (MadeYouReset). */
  readonly ownResetBurst: number;
  readonly ownResetsPerSecond: number;
  /** SETTINGS frames of the peer, at once and a second. */
  readonly settingsBurst: number;
  readonly settingsPerSecond: number;
  /** Bytes that one stream may buffer before it says so (the connection's buffer limit). */
  readonly streamBufferLimitBytes: number;
  /** As long as all streams together buffer more than this, each may buffer `crowdedStreamBufferLimitBytes` only. */
  readonly connectionBufferLimitBytes: number;
  readonly crowdedStreamBufferLimitBytes: number;
  /** The largest frame we take; SETTINGS_MAX_FRAME_SIZE when not 16384. */
  readonly maxFrameSizeBytes: number;
  /** Identifiers and values that our SETTINGS begin with (`custom_settings_parameters`). */
  readonly customSettings: readonly (readonly [id: number, value: number])[];
  /** Which strings of our header blocks are Huffman coded (`enable_huffman_encoding`). */
  readonly huffman: HuffmanUse;
}

/** Envoy's defaults (1.36 and later). */
export const DEFAULT_HTTP2_OPTIONS: Http2Options = {
  hpackTableSizeBytes: 4096,
  maxConcurrentStreams: 1024,
  initialStreamWindowBytes: 16 * 1024 * 1024,
  initialConnectionWindowBytes: 24 * 1024 * 1024,
  allowConnect: false,
  maxOutboundFrames: 10_000,
  maxOutboundControlFrames: 1000,
  maxConsecutiveInboundFramesWithEmptyPayload: 1,
  maxInboundPriorityFramesPerStream: 100,
  maxInboundWindowUpdateFramesPerDataFrameSent: 10,
  maxInboundIgnoredFramesPerMessageFrame: 100,
  overrideStreamErrorOnInvalidHttpMessage: false,
  maxHeadersKb: 60,
  maxHeaderFieldKb: 64,
  disallowObsText: false,
  maxHeadersCount: 100,
  maxInterimResponses: 100,
  headersWithUnderscoresAction: "ALLOW",
  streamResetBurst: 1000,
  streamResetsPerSecond: 33,
  ownResetBurst: 200,
  ownResetsPerSecond: 20,
  settingsBurst: 1000,
  settingsPerSecond: 33,
  streamBufferLimitBytes: 1024 * 1024,
  connectionBufferLimitBytes: 16 * 1024 * 1024,
  crowdedStreamBufferLimitBytes: 64 * 1024,
  maxFrameSizeBytes: 16384,
  customSettings: [],
  huffman: "table",
};
