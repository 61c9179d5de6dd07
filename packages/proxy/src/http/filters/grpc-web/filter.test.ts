import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { startHttpRig, type HttpRig } from "../../../testing/http-rig.ts";

const FILTER =
  '{ name: web, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.grpc_web.v3.GrpcWeb } }';
const TRAILERS = `typed_extension_protocol_options: { envoy.extensions.upstreams.http.v3.HttpProtocolOptions: { "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions, explicit_http_config: { http_protocol_options: { enable_trailers: true } } } }`;

/** A proxy before an upstream that answers a request with a body of `bytes` with `response`. */
function startWeb(t: TestContext, response: string): Promise<HttpRig> {
  return startHttpRig(t, {
    filters: FILTER,
    cluster: TRAILERS,
    answer({ socket, received }) {
      if (received.endsWith("0\r\n\r\n")) socket.write(Buffer.from(response, "latin1"));
    },
  });
}

function post(type: string, accept: string, body: string): string {
  return `POST /s.S/M HTTP/1.1\r\nhost: a\r\ncontent-type: ${type}\r\naccept: ${accept}\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
}

const HEAD = "HTTP/1.1 200 OK\r\ncontent-type: application/grpc\r\n";
const RESPONSE = `${HEAD}transfer-encoding: chunked\r\n\r\n8\r\n\0\0\0\0\x03abc\r\n0\r\ngrpc-status: 0\r\n\r\n`;

void test("gRPC-Web goes to the upstream as gRPC, its trailers come back as a frame", async (t) => {
  const { client, origin, proxy } = await startWeb(t, RESPONSE);
  const text = await client()
    .send(post("application/grpc-web", "*/*", "\0\0\0\0\x02hi"))
    .until((received) => received.endsWith("\r\n0\r\n\r\n"));
  assert.match(text, /\r\ncontent-type: application\/grpc-web\+proto\r\n/);
  assert.ok(text.includes("\r\n8\r\n\0\0\0\0\x03abc\r\n"), text);
  assert.ok(text.endsWith("\r\n14\r\n\x80\0\0\0\x0fgrpc-status:0\r\n\r\n0\r\n\r\n"), text);
  const { received } = origin.connections[0]!;
  assert.match(received, /\r\ncontent-type: application\/grpc\r\n/);
  assert.match(received, /\r\nte: trailers\r\n/);
  assert.equal(proxy.stat("cluster.origin.grpc-web.s.S.M.0"), 1);
});

void test("base64 both ways; a response without trailers ends, too", async (t) => {
  const { client, origin } = await startWeb(
    t,
    `${HEAD}grpc-status: 0\r\ncontent-length: 8\r\n\r\n\0\0\0\0\x03abc`,
  );
  const text = await client()
    .send(post("application/grpc-web-text", "application/grpc-web-text", "AAAAAAJoaQ=="))
    .until((received) => received.endsWith("\r\n0\r\n\r\n"));
  assert.match(text, /\r\ncontent-type: application\/grpc-web-text\+proto\r\n/);
  assert.ok(text.endsWith("\r\nc\r\nAAAAAANhYmM=\r\n0\r\n\r\n"), text);
  assert.ok(origin.connections[0]!.received.includes("\r\n7\r\n\0\0\0\0\x02hi\r\n0\r\n\r\n"));
});

void test("of a long answer that is no gRPC, the beginning becomes the message", async (t) => {
  const body = "x".repeat(20_000);
  const { client } = await startWeb(
    t,
    `HTTP/1.1 502 Bad Gateway\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  const text = await client()
    .send(post("application/grpc-web", "*/*", "\0\0\0\0\x02hi"))
    .until((received) => received.endsWith("\r\n\r\n"));
  assert.match(text, /^HTTP\/1\.1 502 Bad Gateway\r\n/);
  assert.match(text, /\r\ngrpc-message: x{16384}\r\ngrpc-status: 14\r\ncontent-length: 0\r\n/);
});
