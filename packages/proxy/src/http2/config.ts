import type {
  Http2ProtocolOptions,
  KeepaliveSettings,
} from "@nuncio/api/types/envoy/config/core/v3/protocol_pb";
import { DEFAULT_HTTP2_OPTIONS, type Http2Options } from "@nuncio/codec";
import type { CompileContext } from "../config/context.ts";
import { compileDuration } from "../config/durations.ts";
import { HTTP2_STATS } from "../observe/stats/tables/http2.ts";
import { compileCustomSettings } from "./custom-settings.ts";
import type { Http2Config, Http2KeepaliveConfig } from "./model.ts";

/** Fields of `Http2ProtocolOptions` and of what it contains. */
export const implemented = {
  "envoy.config.core.v3.Http2ProtocolOptions": [
    "hpack_table_size",
    "max_concurrent_streams",
    "initial_stream_window_size",
    "initial_connection_window_size",
    "allow_connect",
    "max_outbound_frames",
    "max_outbound_control_frames",
    "max_consecutive_inbound_frames_with_empty_payload",
    "max_inbound_priority_frames_per_stream",
    "max_inbound_window_update_frames_per_data_frame_sent",
    "stream_error_on_invalid_http_messaging",
    "override_stream_error_on_invalid_http_message",
    "connection_keepalive",
    "custom_settings_parameters",
    "max_header_field_size_kb",
    "disallow_obs_text",
    "enable_huffman_encoding",
    // Which of Envoy's two codecs is used; there is one here.
    "use_oghttp2_codec",
    "stream_reset_burst",
    "stream_reset_rate",
  ],
  "envoy.config.core.v3.Http2ProtocolOptions.SettingsParameter": ["identifier", "value"],
  "envoy.config.core.v3.KeepaliveSettings": [
    "interval",
    "timeout",
    "interval_jitter",
    "connection_idle_interval",
  ],
} as const;

/** What the limits around a codec say: of its message, its headers, its buffers. */
export type Http2Surroundings = Pick<
  Http2Options,
  "maxHeadersKb" | "maxHeadersCount" | "headersWithUnderscoresAction" | "streamBufferLimitBytes"
>;

/** `prefix`: of the stats, `http2.` or `cluster.<name>.http2.`. */
export function compileHttp2(
  message: Http2ProtocolOptions | undefined,
  surroundings: Http2Surroundings,
  streamErrorOnInvalidMessage: boolean,
  prefix: string,
  ctx: CompileContext,
): Http2Config {
  return {
    options: compileOptions(message, surroundings, streamErrorOnInvalidMessage, ctx),
    keepalive:
      message?.connectionKeepalive === undefined
        ? null
        : compileKeepalive(message.connectionKeepalive, ctx),
    scope: ctx.stats.scope(prefix, HTTP2_STATS),
  };
}

function compileOptions(
  message: Http2ProtocolOptions | undefined,
  surroundings: Http2Surroundings,
  streamErrorOnInvalidMessage: boolean,
  ctx: CompileContext,
): Http2Options {
  const defaults = { ...DEFAULT_HTTP2_OPTIONS, ...surroundings };
  if (message === undefined) {
    return { ...defaults, overrideStreamErrorOnInvalidHttpMessage: streamErrorOnInvalidMessage };
  }
  const initialStreamWindowBytes =
    message.initialStreamWindowSize ?? defaults.initialStreamWindowBytes;
  return {
    ...defaults,
    ...compileFields(message, ctx),
    hpackTableSizeBytes: message.hpackTableSize ?? defaults.hpackTableSizeBytes,
    maxConcurrentStreams: message.maxConcurrentStreams ?? defaults.maxConcurrentStreams,
    initialStreamWindowBytes,
    // Envoy's soft limit of what one stream may hold back.
    streamBufferLimitBytes: Math.min(defaults.streamBufferLimitBytes, initialStreamWindowBytes),
    initialConnectionWindowBytes:
      message.initialConnectionWindowSize ?? defaults.initialConnectionWindowBytes,
    allowConnect: message.allowConnect,
    ...floodLimits(message),
    overrideStreamErrorOnInvalidHttpMessage:
      message.overrideStreamErrorOnInvalidHttpMessage ??
      (message.streamErrorOnInvalidHttpMessaging || streamErrorOnInvalidMessage),
  };
}

/** What is said of settings and of single header fields. */
function compileFields(message: Http2ProtocolOptions, ctx: CompileContext): Partial<Http2Options> {
  const { maxHeaderFieldSizeKb, enableHuffmanEncoding } = message;
  const customSettings = compileCustomSettings(message, ctx);
  const frameSize = customSettings.find(([id]) => id === MAX_FRAME_SIZE)?.[1] ?? 0;
  return {
    customSettings,
    maxHeaderFieldKb: maxHeaderFieldSizeKb ?? DEFAULT_HTTP2_OPTIONS.maxHeaderFieldKb,
    disallowObsText: message.disallowObsText ?? false,
    ...(enableHuffmanEncoding !== undefined && { huffman: enableHuffmanEncoding ? "all" : "none" }),
    ...(frameSize > DEFAULT_HTTP2_OPTIONS.maxFrameSizeBytes &&
      frameSize <= LARGEST_MAX_FRAME_SIZE && { maxFrameSizeBytes: frameSize }),
  };
}

/** RFC 9113 6.5.2. */
const MAX_FRAME_SIZE = 5;
const LARGEST_MAX_FRAME_SIZE = 2 ** 24 - 1;

function floodLimits(message: Http2ProtocolOptions): Partial<Http2Options> {
  const defaults = DEFAULT_HTTP2_OPTIONS;
  return {
    maxOutboundFrames: message.maxOutboundFrames ?? defaults.maxOutboundFrames,
    maxOutboundControlFrames: message.maxOutboundControlFrames ?? defaults.maxOutboundControlFrames,
    maxConsecutiveInboundFramesWithEmptyPayload:
      message.maxConsecutiveInboundFramesWithEmptyPayload ??
      defaults.maxConsecutiveInboundFramesWithEmptyPayload,
    maxInboundPriorityFramesPerStream:
      message.maxInboundPriorityFramesPerStream ?? defaults.maxInboundPriorityFramesPerStream,
    maxInboundWindowUpdateFramesPerDataFrameSent:
      message.maxInboundWindowUpdateFramesPerDataFrameSent ??
      defaults.maxInboundWindowUpdateFramesPerDataFrameSent,
    streamResetBurst: Number(message.streamResetBurst ?? defaults.streamResetBurst),
    streamResetsPerSecond: Number(message.streamResetRate ?? defaults.streamResetsPerSecond),
  };
}

function compileKeepalive(message: KeepaliveSettings, ctx: CompileContext): Http2KeepaliveConfig {
  const duration = (
    field: string,
    value: KeepaliveSettings["interval"],
    fallback: number,
  ): number => compileDuration(message, field, value, fallback, ctx);
  return {
    intervalMs: duration("interval", message.interval, 0),
    timeoutMs: duration("timeout", message.timeout, 0),
    intervalJitterPercent: message.intervalJitter?.value ?? DEFAULT_JITTER_PERCENT,
    connectionIdleIntervalMs: duration(
      "connection_idle_interval",
      message.connectionIdleInterval,
      0,
    ),
  };
}

const DEFAULT_JITTER_PERCENT = 15;
