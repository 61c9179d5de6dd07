import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { startHttpRig, type HttpRig } from "../../../testing/http-rig.ts";

const TYPE =
  "type.googleapis.com/envoy.extensions.filters.http.grpc_http1_reverse_bridge.v3.FilterConfig";
const CALL =
  "POST /s.S/M HTTP/1.1\r\nhost: a\r\ncontent-type: application/grpc\r\ncontent-length: 7\r\n\r\n\0\0\0\0\x02hi";

/** A proxy with the bridge before an upstream that answers a request of `hi` with `response`. */
function startBridge(t: TestContext, response: string, fields = ""): Promise<HttpRig> {
  return startHttpRig(t, {
    hcm: "http_protocol_options: { enable_trailers: true }",
    filters: `{ name: bridge, typed_config: { "@type": ${TYPE}, content_type: application/x-protobuf, withhold_grpc_frames: true ${fields} } }`,
    answer({ socket, received }) {
      if (received.endsWith("\r\n\r\nhi")) socket.write(Buffer.from(response, "latin1"));
    },
  });
}

function answer(fields: string, ...chunks: readonly string[]): string {
  const body = chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join("");
  return `HTTP/1.1 200 OK\r\n${fields}\r\ntransfer-encoding: chunked\r\n\r\n${body}0\r\n\r\n`;
}

void test("the upstream sees a plain request, the client a frame and the outcome", async (t) => {
  const response = answer("content-type: application/x-protobuf", "abc", "de");
  const { client, origin } = await startBridge(t, response);
  const text = await client()
    .send(CALL)
    .until((received) => received.endsWith("\r\n\r\n"));
  assert.match(text, /\r\ncontent-type: application\/grpc\r\n/);
  assert.ok(text.endsWith("\r\na\r\n\0\0\0\0\x05abcde\r\n0\r\ngrpc-status: 0\r\n\r\n"), text);
  const { received } = origin.connections[0]!;
  assert.match(received, /\r\ncontent-type: application\/x-protobuf\r\n/);
  assert.match(received, /\r\naccept: application\/x-protobuf\r\n/);
  assert.match(received, /\r\ncontent-length: 2\r\n/);
});

void test("with its size in a header a message is not held", async (t) => {
  const head = "content-type: application/x-protobuf\r\nx-size: 5";
  const response = answer(head, "abc", "de").slice(0, -"2\r\nde\r\n0\r\n\r\n".length);
  const { client } = await startBridge(t, response, ", response_size_header: X-Size");
  const text = await client()
    .send(CALL)
    .until((received) => received.endsWith("abc"));
  assert.match(text, /\r\ncontent-length: 10\r\n/);
  assert.ok(text.endsWith("\0\0\0\0\x05abc"));
});

void test("a response longer than its size ends the connection before its rest", async (t) => {
  const head = "content-type: application/x-protobuf\r\nx-size: 4";
  const { client } = await startBridge(
    t,
    answer(head, "abc", "HTTP/1.1 200 OK"),
    ", response_size_header: x-size",
  );
  const connection = client().send(CALL);
  await connection.untilEnd();
  assert.ok(!connection.received.slice(1).includes("HTTP/1.1"), connection.received);
});

void test("a response of another type is a failure that says so", async (t) => {
  const { client } = await startBridge(t, answer("content-type: text/html", "abc"));
  const text = await client()
    .send(CALL)
    .until((received) => received.endsWith("\r\n\r\n"));
  assert.match(text, /^HTTP\/1\.1 200 OK\r\n/);
  assert.match(text, /\r\ngrpc-status: 2\r\n/);
  assert.match(text, /unsupported content-type text\/html, status code 200\r\n/);
});

void test("a message that does not fit into the buffer ends its stream", async (t) => {
  const response = answer("content-type: application/x-protobuf", "x".repeat(0x40_0000));
  const { client, proxy } = await startBridge(t, response);
  await client().send(CALL).untilEnd();
  assert.equal(proxy.stat("http.in.rs_too_large"), 1);
  assert.equal(proxy.stat("http.in.downstream_rq_active"), 0);
});
