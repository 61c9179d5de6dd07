import assert from "node:assert/strict";
import { test } from "node:test";
import type { FormatContext } from "../stream-info.ts";
import { ResponseFlag, StreamInfo } from "../stream-info.ts";
import { celCommands } from "./cel-commands.ts";
import { reqWithoutQueryCommands } from "./commands/headers.ts";
import { BUILT_IN_COMMANDS } from "./commands/table.ts";
import { buildFormatter } from "./formatter.ts";
import { mentionsCommand } from "./mentions-command.ts";
import { parseFormat } from "./parse.ts";
import type { FormatPlan } from "./plan.ts";
import { sampleClock, sampleContext, sampleHeaders } from "./sample-context.ts";

const NODE = { id: "n1", cluster: "nc", region: "", zone: "z1", subZone: "" };
const OPTIONS = { stringConversion: false, stringConcat: false, stringFunctions: false };
const COMMANDS = {
  ...BUILT_IN_COMMANDS,
  ...reqWithoutQueryCommands,
  ...celCommands(OPTIONS, NODE),
};

function format(
  text: string,
  context: FormatContext = sampleContext(),
  absent: "-" | "" = "-",
): string {
  const parsed = parseFormat(text, COMMANDS);
  assert.ok(!("error" in parsed), "error" in parsed ? parsed.error : "");
  // A plan goes to a worker by structured clone.
  const plan = structuredClone({ kind: "text" as const, parts: parsed.parts, absent });
  return buildFormatter(plan, sampleClock).text(context);
}

/** Formats and what real Envoy 1.40 printed for a stream like the sample. */
const PRINTED: readonly (readonly [format: string, text: string])[] = [
  ["100%% %DURATION%ms", "100% 18ms"],
  ["%REQ(a)% %REQ(A):2% %REQ(nope?A):3% [%REQ(x-empty?a)%] %REQ(x-dup)%", "value va val [] 1"],
  [
    "%REQ(:METHOD)% %REQ(:SCHEME)% %REQ(HOST)% %REQ(:AUTHORITY)% %REQ(?A)%",
    "POST http h.com h.com value",
  ],
  ["%REQUEST_HEADER(a)% %RESPONSE_HEADER(x-a)% %RESP(:STATUS)% %RESP(nope)%", "value 1 200 -"],
  ["%TRAILER(a)% %RESPONSE_TRAILER(a)%", "- -"],
  ["%PATH% %PATH(NQ)% %PATH(WQ:ORIG)% %PATH(:PATH):3%", "/p/a?x=1&y=%20z&x=2&e= /p/a - /p/"],
  ["%QUERY_PARAM(x)%|%QUERY_PARAM(y)%|%QUERY_PARAM(e)%|%QUERY_PARAM(X)%", "1| z||-"],
  ["%QUERY_PARAMS% %QUERY_PARAMS(ORIG):3%", "x=1&y=%20z&x=2&e= x=1"],
  ["%REQ_WITHOUT_QUERY(X-ENVOY-ORIGINAL-PATH?:PATH)%", "/p/a"],
  [
    "%PROTOCOL% %UPSTREAM_PROTOCOL% %RESPONSE_CODE% %RESPONSE_CODE_DETAILS%",
    "HTTP/1.1 HTTP/1.1 200 via_upstream",
  ],
  ["%CONNECTION_TERMINATION_DETAILS% %RESPONSE_FLAGS% %RESPONSE_FLAGS_LONG%", "- - -"],
  ["%GRPC_STATUS% %GRPC_STATUS_NUMBER% [%LOCAL_REPLY_BODY%] [%CUSTOM_FLAGS%]", "- - [] []"],
  ["%TRACE_ID% %SPAN_ID% %ACCESS_LOG_TYPE%", "- - DownstreamEnd"],
  ["%STREAM_ID%", "7b47904e-dc2d"],
  [
    "%DURATION% %REQUEST_DURATION% %REQUEST_TX_DURATION% %RESPONSE_DURATION% %RESPONSE_TX_DURATION%",
    "18 0 0 13 5",
  ],
  [
    "%ROUNDTRIP_DURATION% %DOWNSTREAM_HANDSHAKE_DURATION% %UPSTREAM_CONNECTION_POOL_READY_DURATION%",
    "- - -",
  ],
  ["%COMMON_DURATION(DS_RX_BEG:DS_TX_END:us)% %COMMON_DURATION(DS_RX_BEG:DS_TX_END)%", "18300 18"],
  ["%COMMON_DURATION(US_CX_BEG:US_CX_END:us)% %COMMON_DURATION(DS_CX_BEG:DS_RX_BEG:us)%", "62 200"],
  ["%COMMON_DURATION(US_RX_END:US_RX_BEG:ms)% %COMMON_DURATION(own:DS_TX_END:ms)%", "- -"],
  ["%BYTES_RECEIVED% %BYTES_SENT% %BYTES_RETRANSMITTED% %UPSTREAM_WIRE_BYTES_SENT%", "3 5 0 0"],
  ["%REQUEST_HEADERS_BYTES% %RESPONSE_HEADERS_BYTES% %RESPONSE_TRAILERS_BYTES%", "128 45 0"],
  ["%DOWNSTREAM_REMOTE_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%", "9.9.9.9:0 9.9.9.9"],
  [
    "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT(16)% %DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT(33)%",
    "9.9.0.0/16 9.9.9.9/32",
  ],
  ["%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT(x)% %DOWNSTREAM_REMOTE_PORT%", "9.9.9.9 0"],
  ["%DOWNSTREAM_DIRECT_REMOTE_ADDRESS% %DOWNSTREAM_DIRECT_REMOTE_PORT%", "127.0.0.1:49082 49082"],
  ["%DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_DIRECT_LOCAL_PORT%", "127.0.0.1:10000 10000"],
  ["[%DOWNSTREAM_LOCAL_ADDRESS_ENDPOINT_ID%]", "[]"],
  [
    "%UPSTREAM_HOST% %UPSTREAM_HOST_NAME% %UPSTREAM_HOST_NAME_WITHOUT_PORT%",
    "10.1.10.23:8080 hn.example hn.example",
  ],
  ["%UPSTREAM_LOCAL_ADDRESS% %UPSTREAM_REMOTE_ADDRESS%", "10.0.0.1:45644 10.1.10.23:8080"],
  ["%UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT(8)% %UPSTREAM_LOCAL_PORT%", "10.0.0.0/8 45644"],
  [
    "%UPSTREAM_HOSTS_ATTEMPTED% %UPSTREAM_HOST_NAMES_ATTEMPTED% %UPSTREAM_CONNECTION_IDS_ATTEMPTED%",
    "10.1.10.23:8080 hn.example 2",
  ],
  ["%UPSTREAM_CLUSTER% %UPSTREAM_CLUSTER_RAW% %UPSTREAM_REQUEST_ATTEMPT_COUNT%", "c_alt c 1"],
  ["%CONNECTION_ID% %UPSTREAM_CONNECTION_ID% %LISTENER_NAME% %FILTER_CHAIN_NAME%", "1 2 l fc"],
  ["%ROUTE_NAME% %VIRTUAL_CLUSTER_NAME% %UPSTREAM_TRANSPORT_FAILURE_REASON%", "rt - -"],
  [
    "%REQUESTED_SERVER_NAME% %REQUESTED_SERVER_NAME(SNI_FIRST)% %REQUESTED_SERVER_NAME(HOST_FIRST:ORIG)%",
    "- h.com -",
  ],
  ["%DOWNSTREAM_TLS_VERSION% %UPSTREAM_PEER_URI_SAN% %DOWNSTREAM_PEER_CERT_V_START(%s)%", "- - -"],
  ["%START_TIME% %EMIT_TIME(%s.%3f)%", "2026-11-21T00:11:39.589Z 1795219900.007"],
  ["%ENVIRONMENT(NUNCIO_TEST_NONE)%", "-"],
];

void test("each command prints what Envoy prints", () => {
  for (const [text, printed] of PRINTED) assert.equal(format(text), printed, text);
});

void test("a stream is called by its request id, whatever that is", () => {
  const context = sampleContext({ requestHeaders: sampleHeaders("x-request-id", "7") });
  assert.equal(format("%STREAM_ID%", context), "7");
});

void test("trailers received are headers, but no decompressed ones", () => {
  const context = sampleContext();
  const { streamInfo } = context;
  streamInfo.downstreamHeaderBytesReceived = 40;
  streamInfo.addRequestTrailers(10);
  const sizes =
    "%DOWNSTREAM_HEADER_BYTES_RECEIVED% %DOWNSTREAM_DECOMPRESSED_HEADER_BYTES_RECEIVED%";
  assert.equal(format(sizes, context), "50 40");
});

void test("a TCP connection has no HTTP facts", () => {
  const streamInfo = new StreamInfo();
  const tcp = {
    streamInfo,
    requestHeaders: null,
    responseHeaders: null,
    responseTrailers: null,
    localReplyBody: "",
  };
  assert.equal(
    format(
      "%REQ(a)% %PATH% %QUERY_PARAMS% %PROTOCOL% %RESPONSE_CODE% %REQUEST_HEADERS_BYTES% %UPSTREAM_HOST%",
      tcp,
    ),
    "- - - - 0 0 -",
  );
  assert.equal(
    format("%UPSTREAM_CONNECTION_ID% %UPSTREAM_REQUEST_ATTEMPT_COUNT% %DURATION%", tcp),
    "0 0 1025",
  );
});

void test("a cluster that does not exist has no name", () => {
  const context = sampleContext();
  context.streamInfo.upstream.clusterObservabilityName = "";
  assert.equal(format("%UPSTREAM_CLUSTER% %UPSTREAM_CLUSTER_RAW%", context), "- -");
});

void test("in header values a missing value is empty", () => {
  assert.equal(format("a%REQ(nope)%b %RESPONSE_FLAGS%", sampleContext(), ""), "ab -");
});

void test("flags are printed in the order in which streams meet them", () => {
  const context = sampleContext();
  context.streamInfo.responseFlags =
    ResponseFlag.UpstreamConnectionFailure |
    ResponseFlag.UpstreamRetryLimitExceeded |
    ResponseFlag.DelayInjected;
  assert.equal(format("%RESPONSE_FLAGS%", context), "DI,URX,UF");
  assert.equal(
    format("%RESPONSE_FLAGS_LONG%", context),
    "DelayInjected,UpstreamRetryLimitExceeded,UpstreamConnectionFailure",
  );
});

void test("every flag has a name", () => {
  for (const [name, flag] of Object.entries(ResponseFlag)) {
    const context = sampleContext();
    context.streamInfo.responseFlags = flag;
    assert.notEqual(format("%RESPONSE_FLAGS%", context), "", name);
  }
});

void test("gRPC status comes from trailers, headers, then the HTTP status", () => {
  const context = (trailers: string[], headers: string[], code: number): FormatContext => {
    const made = sampleContext({
      requestHeaders: sampleHeaders("content-type", "application/grpc+proto"),
      responseHeaders: sampleHeaders(...headers),
      responseTrailers: trailers.length > 0 ? sampleHeaders(...trailers) : null,
    });
    made.streamInfo.responseCode = code;
    return made;
  };
  const all =
    "%GRPC_STATUS% %GRPC_STATUS(SNAKE_STRING)% %GRPC_STATUS(NUMBER)% %GRPC_STATUS_NUMBER%";
  assert.equal(
    format(all, context(["grpc-status", "3"], [], 200)),
    "InvalidArgument INVALID_ARGUMENT 3 3",
  );
  assert.equal(format(all, context([], ["grpc-status", "1"], 200)), "Canceled CANCELLED 1 1");
  assert.equal(format(all, context([], [], 503)), "Unavailable UNAVAILABLE 14 14");
  assert.equal(format(all, context(["grpc-status", "x"], [], 200)), "-1 -1 -1 -1");
  assert.equal(format(all, context(["grpc-status", "77"], [], 200)), "77 77 77 77");
  assert.equal(format(all, context([], [], 0)), "- - - -");
});

void test("query parameters are decoded as Envoy decodes them", () => {
  const path = "/g?a=%41+b%2Fc%zz%&b=%C3%A9&c%20d=1&q=%00%7f%20%26%3d";
  const context = sampleContext({ requestHeaders: sampleHeaders(":path", path) });
  assert.equal(format("%QUERY_PARAM(a)%", context), "A+b/c%zz%");
  assert.equal(format("%QUERY_PARAM(b)% %QUERY_PARAM(c d)%", context), "\xc3\xa9 1");
  assert.equal(
    format("%QUERY_PARAMS(DECODED)%", context),
    "a=A+b/czz&b=%C3%A9&c%20d=1&q=%00%7f%20&=",
  );
  assert.equal(
    format("[%QUERY_PARAMS%]", sampleContext({ requestHeaders: sampleHeaders(":path", "/g?") })),
    "[]",
  );
});

void test("metadata is looked up by keys; structs are JSON with keys in order", () => {
  const context = sampleContext();
  const ns = {
    s: "stré",
    n: 1.5,
    small: 1e-7,
    big: 1e21,
    nul: null,
    o: { z: 1, a: [1, { x: true }] },
  };
  context.streamInfo.routeMetadata = { ns };
  context.streamInfo.dynamicMetadata = { "a.b": { k: "v" } };
  context.streamInfo.upstream.clusterMetadata = { ns: { s: "cluster" } };
  context.streamInfo.upstream.hostMetadata = { ns: { s: "host" } };
  assert.equal(
    format("%METADATA(ROUTE:ns:s)% %METADATA(ROUTE:ns:s):2%", context),
    "str\xc3\xa9 st",
  );
  assert.equal(
    format("%METADATA(ROUTE:ns:o)% %METADATA(ROUTE:ns:o):5%", context),
    '{"a":[1,{"x":true}],"z":1} {"a":',
  );
  assert.equal(
    format("%METADATA(ROUTE:ns:nul)% %METADATA(ROUTE:ns:o:z:q)% %METADATA(ROUTE:x)%", context),
    "- - -",
  );
  assert.equal(
    format("%METADATA(ROUTE:ns:small)% %METADATA(ROUTE:ns:big)%", context),
    "1e-07 1e+21",
  );
  assert.equal(format("%DYNAMIC_METADATA(a.b:k)% %METADATA(DYNAMIC:a.b)%", context), 'v {"k":"v"}');
  assert.equal(
    format("%CLUSTER_METADATA(ns:s)% %UPSTREAM_METADATA(ns:s)%", context),
    "cluster host",
  );
});

void test("filter state is found by key, whole or by field", () => {
  const context = sampleContext();
  const objects = new Map<string, unknown>([["k", { f: "v" }]]);
  context.streamInfo.filterState = objects;
  assert.equal(
    format("%FILTER_STATE(k)% %FILTER_STATE(k:FIELD:f)% %FILTER_STATE(no:PLAIN)%", context),
    '{"f":"v"} v -',
  );
  objects.set("s", "text");
  assert.equal(
    format("%FILTER_STATE(s)% %FILTER_STATE(s:TYPED):3% %FILTER_STATE(s:PLAIN):3%", context),
    '"text" "te tex',
  );
});

void test("an object in the filter state says itself how it is shown", () => {
  const context = sampleContext();
  const object = { filterStateText: "1,2", filterStateJson: { a: "1" }, field: "x" };
  context.streamInfo.filterState = new Map([["k", object]]);
  assert.equal(
    format(
      "%FILTER_STATE(k)% %FILTER_STATE(k:TYPED)% %FILTER_STATE(k:PLAIN):2% %FILTER_STATE(k:FIELD:field)%",
      context,
    ),
    '{"a":"1"} {"a":"1"} 1, -',
  );
});

void test("COALESCE takes the first value that there is, also an empty one", () => {
  const one =
    '%COALESCE({"operators":[{"command":"REQ","param":"nope"},{"command":"REQ","param":":authority","max_length":3}]}):2%';
  assert.equal(format(one), "h.");
  assert.equal(
    format('%COALESCE({"operators":[{"command":"REQ","param":"none"},"PROTOCOL"]})%'),
    "HTTP/1.1",
  );
  assert.equal(
    format('[%COALESCE({"operators":[{"command":"REQ","param":"x-empty"},"PROTOCOL"]})%]'),
    "[]",
  );
  assert.equal(format('[%COALESCE({"operators":[{"command":"REQ","param":"x-empty"}]})%]'), "[]");
  assert.equal(format('%COALESCE({"operators":["ROUNDTRIP_DURATION"]})%'), "-");
  assert.equal(
    format('%COALESCE({"operators":[{"command":"ENVIRONMENT","param":"NUNCIO_TEST_NONE"}]})%'),
    "-",
  );
});

void test("text that is not ASCII leaves as its UTF-8 bytes, header bytes as they came", () => {
  const context = sampleContext({ requestHeaders: sampleHeaders("a", "\xff\xc3") });
  assert.equal(format("é %REQ(a)%", context), "\xc3\xa9 \xff\xc3");
});

/** Formats that real Envoy refuses, with its words; and what is refused because it is not here yet. */
const REFUSED: readonly (readonly [format: string, error: string])[] = [
  ["%FOO%", "Not supported field in StreamInfo: FOO"],
  ["%COOKIE(x)%", "Not supported field in StreamInfo: COOKIE"],
  [
    "%constructor%",
    "Incorrect configuration: %constructor%. Couldn't find valid command at position 0",
  ],
  ["%REQ%", "REQ requires parameters"],
  ["%REQ()%", "REQ requires parameters"],
  ["%REQ(a?b?c)%", "More than 1 alternative header specified in token: a?b?c"],
  ["%REQ(a b)%", "Invalid header configuration. Format string contains invalid characters."],
  ["%REQ(A):x%", "Incorrect configuration: %REQ(A):x%. Couldn't find valid command at position 0"],
  ["100%", "Incorrect configuration: 100%. Couldn't find valid command at position 3"],
  ["%DURATION", "Incorrect configuration: %DURATION. Couldn't find valid command at position 0"],
  ["%duration%", "Incorrect configuration: %duration%. Couldn't find valid command at position 0"],
  ["%DURATION:3%", "DURATION does not take any parameters or length"],
  ["%DURATION(x)%", "DURATION does not take any parameters or length"],
  ["%START_TIME:3%", "START_TIME does not allow length to be specified."],
  ["%START_TIME(%n)%", "Invalid header configuration. Format string contains newline."],
  ["%COMMON_DURATION(A:B:s)%", "Invalid common duration precision: s."],
  ["%COMMON_DURATION(A)%", "Invalid common duration configuration: A."],
  ["%PATH(X)%", "Invalid PATH option: 'X', only 'WQ'/'NQ' are allowed"],
  ["%PATH(NQ:X)%", "Invalid PATH option: 'X', only 'ORIG'/'PATH'/'ORIG_OR_PATH' are allowed"],
  ["%QUERY_PARAMS(FOO)%", "Invalid QUERY_PARAMS option: 'FOO', only 'ORIG'/'DECODED' are allowed"],
  [
    "%GRPC_STATUS(X)%",
    "GrpcStatusFormatter only supports CAMEL_STRING, SNAKE_STRING or NUMBER. Got: X",
  ],
  ["%METADATA(FOO:a)%", "FOO is not supported type of metadata"],
  ["%SECRET(a)%", "Not supported field in StreamInfo: SECRET"],
  ["%FILTER_STATE%", "Invalid filter state configuration, key cannot be empty."],
  ["%XFCC_VALUE%", "XFCC_VALUE command requires a subcommand"],
  ["%XFCC_VALUE(a)%", "XFCC_VALUE command does not support subcommand: a"],
  ["%CLUSTER_METADATA(a):2%", "CLUSTER_METADATA does not allow length to be specified."],
  ["%FILTER_STATE(a:X)%", "Invalid filter state serialize type, only support PLAIN/TYPED/FIELD."],
  [
    "%FILTER_STATE(a:FIELD)%",
    "Invalid filter state serialize type, FIELD should be used with the field name.",
  ],
  ['%COALESCE({"operators":[]})%', "COALESCE: 'operators' array must not be empty"],
  ["%COALESCE({})%", "COALESCE: JSON configuration must contain 'operators' array"],
  [
    '%COALESCE({"operators":[{"command":"REQ","param":"a","max_length":0}]})%',
    "COALESCE: failed to parse operator at index 0: 'max_length' must be a positive integer",
  ],
  [
    '%COALESCE({"operators":[{"command":"REQ","param":"a","max_length":1.5}]})%',
    "COALESCE: failed to parse operator at index 0: 'max_length' field must be an integer",
  ],
  [
    '%COALESCE({"operators":["REQ"]})%',
    "COALESCE: failed to parse operator at index 0: REQ requires parameters",
  ],
  ["%REQ_WITHOUT_QUERY(:path)%", "Not supported field in StreamInfo: REQ_WITHOUT_QUERY"],
  ["%START_TIME(%5n)%", "Invalid header configuration. Format string contains newline."],
];

void test("a format with a mistake is refused, with Envoy's words", () => {
  for (const [text, error] of REFUSED) {
    const parsed = parseFormat(text, BUILT_IN_COMMANDS);
    assert.equal("error" in parsed && parsed.error, error, text);
  }
  assert.deepEqual(parseFormat("a %% %NOPE%", BUILT_IN_COMMANDS), {
    error: "Not supported field in StreamInfo: NOPE",
    position: 5,
  });
});

void test("a command is found in a format wherever it stands", () => {
  const plan = (text: string): FormatPlan => {
    const parsed = parseFormat(text, COMMANDS);
    assert.ok("parts" in parsed);
    return { kind: "text", parts: parsed.parts, absent: "-" };
  };
  assert.equal(mentionsCommand(plan("a %PROTOCOL%"), "PROTOCOL"), true);
  assert.equal(mentionsCommand(plan("PROTOCOL %CEL(1)%"), "PROTOCOL"), false);
  assert.equal(mentionsCommand(plan('%COALESCE({"operators":["PROTOCOL"]})%'), "PROTOCOL"), true);
  const command = { command: "PROTOCOL", args: [], maxLength: -1 };
  const inList = { kind: "list" as const, items: [{ kind: "command" as const, command }] };
  const root = { kind: "object" as const, fields: [{ key: '"a"', value: inList }] };
  assert.equal(mentionsCommand({ kind: "json", root, omitEmpty: false }, "PROTOCOL"), true);
});
