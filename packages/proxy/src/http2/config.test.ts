import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "@nuncio/api";
import type { Http2ProtocolOptions } from "@nuncio/api/types/envoy/config/core/v3/protocol_pb";
import { DEFAULT_HTTP2_OPTIONS } from "@nuncio/codec";
import { testCompileContext } from "../config/testing/compile-context.ts";
import { compileHttp2 } from "./config.ts";
import type { Http2Config } from "./model.ts";

const TYPE = "envoy.config.core.v3.Http2ProtocolOptions";
const SURROUNDINGS = {
  maxHeadersKb: 60,
  maxHeadersCount: 100,
  headersWithUnderscoresAction: "ALLOW",
  streamBufferLimitBytes: 1_048_576,
} as const;

function compiled(content: string, streamError = false): Http2Config {
  const { message, problems } = load<Http2ProtocolOptions>(TYPE, [{ name: "h2.yaml", content }]);
  const ctx = testCompileContext(problems);
  const config = compileHttp2(message, SURROUNDINGS, streamError, "http2.", ctx);
  assert.deepEqual(problems.list, []);
  return config;
}

void test("what says nothing has Envoy's limits, and no pings", () => {
  const { options, keepalive } = compiled("{}");
  assert.deepEqual(options, { ...DEFAULT_HTTP2_OPTIONS, ...SURROUNDINGS });
  assert.equal(keepalive, null);
});

void test("each field is the option of its name", () => {
  const { options, keepalive } = compiled(`
hpack_table_size: 1
max_concurrent_streams: 2
initial_stream_window_size: 65536
initial_connection_window_size: 65537
allow_connect: true
max_outbound_frames: 5
max_outbound_control_frames: 6
max_consecutive_inbound_frames_with_empty_payload: 7
max_inbound_priority_frames_per_stream: 8
max_inbound_window_update_frames_per_data_frame_sent: 9
stream_reset_burst: 10
stream_reset_rate: 11
use_oghttp2_codec: true
connection_keepalive:
  interval: 30s
  timeout: 5s
  interval_jitter: { value: 0 }
  connection_idle_interval: 60s
`);
  const expected = {
    hpackTableSizeBytes: 1,
    maxConcurrentStreams: 2,
    initialStreamWindowBytes: 65_536,
    initialConnectionWindowBytes: 65_537,
    allowConnect: true,
    maxOutboundFrames: 5,
    maxOutboundControlFrames: 6,
    maxConsecutiveInboundFramesWithEmptyPayload: 7,
    maxInboundPriorityFramesPerStream: 8,
    maxInboundWindowUpdateFramesPerDataFrameSent: 9,
    streamResetBurst: 10,
    streamResetsPerSecond: 11,
  };
  assert.deepEqual({ ...options, ...expected }, options);
  assert.deepEqual(keepalive, {
    intervalMs: 30_000,
    timeoutMs: 5000,
    intervalJitterPercent: 0,
    connectionIdleIntervalMs: 60_000,
  });
});

void test("header fields, and settings that have no field", () => {
  const { options } = compiled(`
max_header_field_size_kb: 12
disallow_obs_text: true
enable_huffman_encoding: false
custom_settings_parameters: [{ identifier: 5, value: 20000 }, { identifier: 10, value: 1 }]
`);
  const { maxHeaderFieldKb, disallowObsText, huffman, customSettings, maxFrameSizeBytes } = options;
  assert.deepEqual([maxHeaderFieldKb, disallowObsText, huffman], [12, true, "none"]);
  assert.deepEqual(customSettings, [
    [5, 20_000],
    [10, 1],
  ]);
  // What we say that we take is taken; what nobody may say is not.
  assert.equal(maxFrameSizeBytes, 20_000);
  const none = "custom_settings_parameters: [{ identifier: 5, value: 100 }]";
  assert.equal(compiled(none).options.maxFrameSizeBytes, 16_384);
  assert.equal(compiled("enable_huffman_encoding: true").options.huffman, "all");
});

void test("an invalid message: the newer field, else the older one, else the connection manager's", () => {
  const resets = (content: string, streamError = false): boolean =>
    compiled(content, streamError).options.overrideStreamErrorOnInvalidHttpMessage;
  assert.equal(resets("{}", true), true);
  assert.equal(resets("stream_error_on_invalid_http_messaging: true"), true);
  assert.equal(resets("override_stream_error_on_invalid_http_message: true"), true);
  assert.equal(resets("override_stream_error_on_invalid_http_message: false", true), false);
});
