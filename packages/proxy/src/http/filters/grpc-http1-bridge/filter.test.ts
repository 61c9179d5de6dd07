import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { startHttpRig, type HttpRig } from "../../../testing/http-rig.ts";

const TYPE = "type.googleapis.com/envoy.extensions.filters.http.grpc_http1_bridge.v3.Config";
const TRAILERS = `typed_extension_protocol_options: { envoy.extensions.upstreams.http.v3.HttpProtocolOptions: { "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions, explicit_http_config: { http_protocol_options: { enable_trailers: true } } } }`;

/** A proxy with the bridge before an upstream that answers complete requests with `response`. */
function startBridge(t: TestContext, response: string, fields = ""): Promise<HttpRig> {
  return startHttpRig(t, {
    filters: `{ name: bridge, typed_config: { "@type": ${TYPE}${fields} } }`,
    cluster: TRAILERS,
    answer({ socket, received }) {
      if (received.endsWith("\r\n0\r\n\r\n")) socket.write(Buffer.from(response, "latin1"));
    },
  });
}

function post(type: string, ...chunks: readonly string[]): string {
  const body = chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join("");
  return `POST /s.S/M?q HTTP/1.1\r\nhost: a\r\ncontent-type: ${type}\r\ntransfer-encoding: chunked\r\n\r\n${body}0\r\n\r\n`;
}

const RESPONSE =
  "HTTP/1.1 200 OK\r\ncontent-type: application/grpc\r\ntransfer-encoding: chunked\r\n\r\n" +
  "8\r\n\0\0\0\0\x03abc\r\n0\r\ngrpc-status: 5\r\ngrpc-message: none\r\n\r\n";

void test("the outcome of a gRPC response goes to its headers, and its length is told", async (t) => {
  const { client } = await startBridge(t, RESPONSE);
  const text = await client()
    .send(post("application/grpc", "\0\0\0\0\x01x"))
    .until((received) => received.endsWith("abc"));
  assert.match(text, /^HTTP\/1\.1 503 Service Unavailable\r\n/);
  assert.match(text, /\r\ngrpc-status: 5\r\ngrpc-message: none\r\ncontent-length: 8\r\n/);
});

void test("protobuf in pieces becomes one frame, and the response is what is in its own", async (t) => {
  const { client, origin } = await startBridge(
    t,
    RESPONSE,
    ", upgrade_protobuf_to_grpc: true, ignore_query_parameters: true",
  );
  const text = await client()
    .send(post("application/x-protobuf", "hello ", "world"))
    .until((received) => received.endsWith("abc"));
  assert.match(text, /\r\ncontent-length: 3\r\n/);
  const { received } = origin.connections[0]!;
  assert.match(received, /^POST \/s\.S\/M HTTP/);
  assert.match(received, /\r\ncontent-type: application\/grpc\r\n/);
  assert.ok(received.endsWith("\r\n\r\n10\r\n\0\0\0\0\x0bhello world\r\n0\r\n\r\n"), received);
});

void test("a message that does not fit into the buffer is answered with 413", async (t) => {
  const upgrade = await startHttpRig(t, {
    answer: () => {},
    filters: `{ name: bridge, typed_config: { "@type": ${TYPE}, upgrade_protobuf_to_grpc: true } }`,
  });
  const head =
    "POST / HTTP/1.1\r\nhost: a\r\ncontent-type: application/x-protobuf\r\ntransfer-encoding: chunked\r\n\r\n";
  const tooLarge = await upgrade
    .client()
    .send(`${head}110000\r\n${"x".repeat(0x11_0000)}\r\n`)
    .until((received) => received.endsWith("Payload Too Large"));
  assert.match(tooLarge, /^HTTP\/1\.1 413 Payload Too Large\r\n/);
  assert.equal(upgrade.proxy.stat("http.in.downstream_rq_too_large"), 1);
});

void test("a response that breaks off while it is held is told with a status, not with a reset", async (t) => {
  const { client } = await startHttpRig(t, {
    filters: `{ name: bridge, typed_config: { "@type": ${TYPE} } }`,
    answer({ socket, received }) {
      if (!received.endsWith("\r\n0\r\n\r\n")) return;
      socket.end(RESPONSE.slice(0, -30));
    },
  });
  const text = await client()
    .send(post("application/grpc", "\0\0\0\0\x01x"))
    .until((received) => received.endsWith("\r\n\r\n"));
  assert.match(text, /^HTTP\/1\.1 200 OK\r\n/);
  assert.match(text, /\r\ngrpc-status: 14\r\n/);
});
