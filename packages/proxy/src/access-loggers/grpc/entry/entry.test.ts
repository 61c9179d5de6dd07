import assert from "node:assert/strict";
import { test } from "node:test";
import {
  fromBinary,
  toJson,
  type DescMessage,
  type JsonObject,
  type Message,
} from "@bufbuild/protobuf";
import { envoyTypes } from "@nuncio/api";
import fc from "fast-check";
import {
  sampleClock,
  sampleContext,
  sampleHeaders,
} from "../../../observe/format/sample-context.ts";
import { ResponseFlag, type DownstreamInfo } from "../../../observe/stream-info.ts";
import type { CertificateFacts, TlsInfo } from "../../../observe/tls-info.ts";
import { MessageWriter } from "../../../protobuf/message-writer.ts";
import { buildCustomTags } from "../custom-tags.ts";
import type { CustomTagConfig } from "../model.ts";
import { writeHttpEntry, type HttpEntryParts } from "./http.ts";
import { writeTcpEntry } from "./tcp.ts";

const types = envoyTypes();
const HTTP = types.getMessage("envoy.data.accesslog.v3.HTTPAccessLogEntry")!;
const TCP = types.getMessage("envoy.data.accesslog.v3.TCPAccessLogEntry")!;

const NOTHING: HttpEntryParts = {
  filterStateObjects: [],
  customTags: [],
  requestHeaders: [],
  responseHeaders: [],
  responseTrailers: [],
};

/** An entry as the library reads it: JSON by proto names. A field that it does not know is an error. */
function read(
  desc: DescMessage,
  write: typeof writeHttpEntry,
  context = sampleContext(),
  parts: Partial<HttpEntryParts> = {},
): JsonObject {
  const writer = new MessageWriter();
  write(writer, context, { ...NOTHING, ...parts });
  const message = fromBinary(desc, writer.bytes);
  assertKnown(message);
  const registry = types as never;
  return toJson(desc, message, { registry, useProtoFieldName: true }) as JsonObject;
}

function assertKnown(value: unknown): void {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return;
  assert.equal((value as Partial<Message>).$unknown, undefined);
  for (const inner of Object.values(value)) assertKnown(inner);
}

const address = (ip: string, port: number): JsonObject => ({
  socket_address: { address: ip, port_value: port },
});

void test("an entry of a request has all that is known of it", () => {
  const context = sampleContext({ responseTrailers: sampleHeaders("grpc-status", "0") });
  const { streamInfo: info } = context;
  info.downstreamWireBytesReceived = 100;
  info.downstreamWireBytesSent = 2 ** 40;
  info.upstreamWireBytesReceived = 102;
  info.upstreamWireBytesSent = 103;
  info.downstreamHeaderBytesReceived = 90;
  info.upstreamHeaderBytesReceived = 92;
  info.upstreamHeaderBytesSent = 93;
  info.responseFlags = ResponseFlag.UpstreamConnectionFailure | ResponseFlag.DropOverLoad;
  info.upstream.transportFailureReason = "broken";
  info.dynamicMetadata = { ns: { ключ: ["ü", 1.5, null, true, { a: {} }] } };
  info.filterState = new Map([["one", "stated"]]);
  const seen = read(HTTP, writeHttpEntry, context, {
    filterStateObjects: ["one", "two"],
    requestHeaders: ["x-dup", "x-empty", "nowhere", ":path"],
    responseHeaders: ["x-a"],
    responseTrailers: ["grpc-status"],
  });
  assert.deepEqual(seen, {
    common_properties: {
      downstream_remote_address: address("9.9.9.9", 0),
      downstream_local_address: address("127.0.0.1", 10000),
      downstream_direct_remote_address: address("127.0.0.1", 49082),
      start_time: "2026-11-21T00:11:39.589034Z",
      time_to_last_rx_byte: "0.000100s",
      time_to_first_upstream_tx_byte: "0.000300s",
      time_to_last_upstream_tx_byte: "0.000400s",
      time_to_first_upstream_rx_byte: "0.013200s",
      time_to_last_upstream_rx_byte: "0.018200s",
      time_to_first_downstream_tx_byte: "0.013400s",
      time_to_last_downstream_tx_byte: "0.018300s",
      duration: "0.018400s",
      upstream_remote_address: address("10.1.10.23", 8080),
      upstream_local_address: address("10.0.0.1", 45644),
      upstream_cluster: "c",
      upstream_transport_failure_reason: "broken",
      response_flags: { upstream_connection_failure: true },
      metadata: { filter_metadata: { ns: { ключ: ["ü", 1.5, null, true, { a: {} }] } } },
      route_name: "rt",
      filter_state_objects: {
        one: { "@type": "type.googleapis.com/google.protobuf.StringValue", value: "stated" },
      },
      upstream_request_attempt_count: 1,
      stream_id: "7b47904e-dc2d",
      downstream_wire_bytes_sent: String(2 ** 40),
      downstream_wire_bytes_received: "100",
      upstream_wire_bytes_sent: "103",
      upstream_wire_bytes_received: "102",
      access_log_type: "DownstreamEnd",
    },
    protocol_version: "HTTP11",
    request: {
      request_method: "POST",
      scheme: "http",
      authority: "h.com",
      path: "/p/a?x=1&y=%20z&x=2&e=",
      user_agent: "test",
      request_id: "7b47904e-dc2d",
      request_headers_bytes: String(
        7 + 4 + 7 + 4 + 10 + 5 + 5 + 22 + 1 + 5 + 5 + 1 + 5 + 1 + 7 + 10 + 4 + 12 + 13,
      ),
      request_body_bytes: "3",
      request_headers: { "x-dup": "1,2", "x-empty": "", ":path": "/p/a?x=1&y=%20z&x=2&e=" },
      upstream_header_bytes_sent: "93",
      downstream_header_bytes_received: "90",
    },
    response: {
      response_code: 200,
      response_headers_bytes: String(7 + 3 + 3 + 1 + 29 + 2),
      response_body_bytes: "5",
      response_headers: { "x-a": "1" },
      response_trailers: { "grpc-status": "0" },
      response_code_details: "via_upstream",
      upstream_header_bytes_received: "92",
    },
  });
});

void test("a stream that goes on, and has nothing of a request, has an entry as well", () => {
  const context = sampleContext({ requestHeaders: null, responseHeaders: null });
  const { streamInfo: info } = context;
  Object.assign(info, { endMs: -1, lastDownstreamRxByteMs: -1, routeName: "", responseCode: 0 });
  info.upstream.hostAddress = { text: "/run/host.sock", ip: "/run/host.sock", port: 0 };
  info.upstream.localAddress = null;
  const common = read(TCP, writeTcpEntry, context);
  const { common_properties: seen, connection_properties: bytes } = common as never as {
    readonly [field: string]: JsonObject;
  };
  assert.deepEqual(bytes, { received_bytes: "3", sent_bytes: "5" });
  assert.equal(seen!["intermediate_log_entry"], true);
  assert.deepEqual(seen!["upstream_remote_address"], { pipe: { path: "/run/host.sock" } });
  for (const absent of ["duration", "time_to_last_rx_byte", "stream_id", "upstream_local_address"])
    assert.equal(seen![absent], undefined);
  info.upstream.hostAddress = null;
  const without = read(HTTP, writeHttpEntry, context);
  assert.equal((without["common_properties"] as JsonObject)["upstream_cluster"], undefined);
  assert.deepEqual(without["request"], { request_body_bytes: "3" });
});

void test("each response flag has its field", () => {
  const names = new Map<string, string>([
    ["FailedLocalHealthCheck", "failed_local_healthcheck"],
    ["UnauthorizedExternalService", "unauthorized_details"],
    ["DnsResolutionFailed", "dns_resolution_failure"],
    ["DropOverLoad", ""],
    ["UnconditionalDropOverload", ""],
  ]);
  for (const [name, flag] of Object.entries(ResponseFlag)) {
    const context = sampleContext();
    context.streamInfo.responseFlags = flag;
    const seen = read(HTTP, writeHttpEntry, context)["common_properties"] as JsonObject;
    const field = names.get(name) ?? name.replace(/(?<!^)[A-Z]/g, "_$&").toLowerCase();
    const value = field === "unauthorized_details" ? { reason: "EXTERNAL_SERVICE" } : true;
    assert.deepEqual(seen["response_flags"], field === "" ? {} : { [field]: value }, name);
  }
});

const CERTIFICATE: CertificateFacts = {
  subject: "CN=a",
  issuer: "CN=b",
  serialNumber: "1",
  sha1: "",
  sha256: "",
  urlEncodedPem: "",
  uriNames: ["spiffe://a", "spiffe://b"],
  dnsNames: ["a.test"],
  emailNames: [],
  ipNames: [],
  otherNames: [],
  validFromMs: 0,
  validToMs: 0,
};

void test("a session of TLS is told of with its certificates", () => {
  const tls = {
    version: "TLSv1.2",
    cipher: "ECDHE-RSA-AES128-GCM-SHA256",
    sessionId: "abcd",
    failureReason: "TLS_error",
    localCertificate: CERTIFICATE,
    peerCertificate: null,
  } as TlsInfo;
  const secured = (change: Partial<TlsInfo>): JsonObject => {
    const context = sampleContext();
    const downstream: DownstreamInfo = {
      ...context.streamInfo.downstream!,
      requestedServerName: "sni.test",
      ja3Fingerprint: "ja3",
      tls: { ...tls, ...change },
    };
    context.streamInfo.downstream = downstream;
    return read(HTTP, writeHttpEntry, context)["common_properties"] as JsonObject;
  };
  const names = {
    subject_alt_name: [{ uri: "spiffe://a" }, { uri: "spiffe://b" }],
    subject: "CN=a",
  };
  const { tls_properties: seen, downstream_transport_failure_reason: reason } = secured({});
  assert.equal(reason, "TLS_error");
  assert.deepEqual(seen, {
    tls_version: "TLSv1_2",
    tls_cipher_suite: 0xc02f,
    tls_sni_hostname: "sni.test",
    local_certificate_properties: names,
    peer_certificate_properties: {},
    tls_session_id: "abcd",
    ja3_fingerprint: "ja3",
  });
  const early = secured({ cipher: "", version: "", peerCertificate: CERTIFICATE });
  const other = early["tls_properties"] as JsonObject;
  assert.equal(other["tls_cipher_suite"], 0xffff);
  assert.deepEqual(other["peer_certificate_properties"], { ...names, issuer: "CN=b" });
});

void test("custom tags are values of everywhere; those without one are left out", () => {
  const context = sampleContext();
  context.streamInfo.routeMetadata = { ns: { text: "ü", list: [1, "a"] } };
  const format = { kind: "text", parts: ["constant"], absent: "" } as const;
  const metadata = (tag: string, key: string, fallback: string): CustomTagConfig => ({
    tag,
    kind: "metadata",
    of: "route",
    path: ["ns", key],
    fallback,
  });
  const configs: CustomTagConfig[] = [
    { tag: "a", kind: "text", text: "plain" },
    { tag: "b", kind: "header", name: "user-agent", fallback: "" },
    { tag: "c", kind: "header", name: "x-not-there", fallback: "fallback" },
    { tag: "d", kind: "header", name: "x-not-there", fallback: "" },
    { tag: "e", kind: "format", value: format },
    metadata("f", "text", ""),
    metadata("g", "list", ""),
    metadata("h", "nothing", "fallback"),
    metadata("i", "nothing", ""),
  ];
  const customTags = buildCustomTags(configs, sampleClock);
  const seen = read(HTTP, writeHttpEntry, context, { customTags });
  assert.deepEqual((seen["common_properties"] as JsonObject)["custom_tags"], {
    a: "plain",
    b: "test",
    c: "fallback",
    e: "constant",
    f: "ü",
    g: '[1,"a"]',
    h: "fallback",
  });
});

void test("whatever bytes headers have, an entry can be read", () => {
  const bytes = fc.uint8Array({ maxLength: 300 }).map((raw) => Buffer.from(raw).toString("latin1"));
  fc.assert(
    fc.property(bytes, bytes, (path, value) => {
      const requestHeaders = sampleHeaders(":method", "GET", ":path", path, "x-any", value);
      const context = sampleContext({ requestHeaders });
      const seen = read(HTTP, writeHttpEntry, context, { requestHeaders: ["x-any"] });
      const request = seen["request"] as JsonObject;
      const logged = (request["request_headers"] as JsonObject)["x-any"] as string;
      assert.equal(Buffer.from(logged).length, value.length);
    }),
  );
});
