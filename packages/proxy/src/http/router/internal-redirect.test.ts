import assert from "node:assert/strict";
import { test } from "node:test";
import { startHttpRig } from "../../testing/http-rig.ts";
import type { Origin, OriginConnection } from "../../testing/origin.ts";

const POLICY = ", internal_redirect_policy: { redirect_response_codes: [302, 303] }";

/** The first request is sent elsewhere, which is the same origin here; all others get their body back. */
function redirecting(status: number): (connection: OriginConnection) => void {
  return ({ socket, received }) => {
    const last = /(?:GET|POST) \/[^]*$/.exec(received.slice(received.lastIndexOf("T /") - 3));
    const [head = "", body = ""] = last![0].split("\r\n\r\n");
    const expected = /content-length: (\d+)/.exec(head)?.[1] ?? "0";
    if (body.length < Number(expected)) return;
    const location = "location: http://other.test/second\r\n";
    if (head.startsWith("POST /first"))
      socket.write(`HTTP/1.1 ${status} Found\r\n${location}content-length: 0\r\n\r\n`);
    else socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
  };
}

/** What came behind the first request, on its connection. */
function secondRequest({ connections }: Origin): string {
  const { received } = connections[0]!;
  return received.slice(received.indexOf("hello") + "hello".length);
}

const POST = "POST /first HTTP/1.1\r\nhost: a.test\r\ncontent-length: 5\r\n\r\nhello";

void test("a redirect is followed with the body of the request, as a new stream of the same connection", async (t) => {
  const { client, origin, proxy } = await startHttpRig(t, {
    answer: redirecting(302),
    route: POLICY,
  });
  const peer = client().send(POST);
  const text = await peer.until((received) => received.endsWith("hello"));
  assert.match(text, /^HTTP\/1\.1 200 OK\r\n/);
  const second = secondRequest(origin);
  assert.match(second, /^POST \/second HTTP\/1\.1\r\nhost: other\.test\r\n/);
  assert.match(second, /\r\nx-envoy-original-url: http:\/\/a\.test\/first\r\n/);
  assert.equal(proxy.stat("http.in.downstream_rq_total"), 2);
  assert.equal(proxy.stat("http.in.downstream_rq_active"), 0);
  assert.equal(proxy.stat("cluster.origin.upstream_rq_active"), 0);
  // The connection goes on.
  peer.send("GET /third HTTP/1.1\r\nhost: a.test\r\n\r\n");
  await peer.until((received) => received.split("HTTP/1.1 200").length === 3);
  assert.deepEqual(proxy.exceptions, []);
});

void test("303 makes it a GET without a body", async (t) => {
  const { client, origin } = await startHttpRig(t, { answer: redirecting(303), route: POLICY });
  await client()
    .send(POST)
    .until((received) => received.endsWith("\r\n\r\n"));
  const second = secondRequest(origin);
  assert.match(second, /^GET \/second HTTP\/1\.1\r\n/);
  assert.doesNotMatch(second, /content-length|transfer-encoding/);
});

void test("a body that is too large to be kept makes the redirect the client's", async (t) => {
  const { client, proxy } = await startHttpRig(t, { answer: redirecting(302), route: POLICY });
  const body = "x".repeat(MORE_THAN_IS_KEPT);
  const text = await client()
    .send(`POST /first HTTP/1.1\r\nhost: a.test\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
    .until((received) => received.endsWith("\r\n\r\n"));
  assert.match(text, /^HTTP\/1\.1 302 Found\r\nlocation: http:\/\/other\.test\/second\r\n/);
  assert.equal(proxy.stat("cluster.origin.retry_or_shadow_abandoned"), 1);
  assert.equal(proxy.stat("cluster.origin.upstream_internal_redirect_failed_total"), 1);
});

/** The default of per_connection_buffer_limit_bytes is 1 MiB. */
const MORE_THAN_IS_KEPT = 1_100_000;
