import assert from "node:assert/strict";
import { test } from "node:test";
import { startHttpRig } from "../../testing/http-rig.ts";
import type { OriginConnection } from "../../testing/origin.ts";

const GET = "GET / HTTP/1.1\r\nhost: a.test\r\n\r\n";

void test("a request and its response pass, with the headers that Envoy adds", async (t) => {
  const { client, origin, proxy } = await startHttpRig(t);
  const response = await client()
    .send(GET)
    .until((text) => text.endsWith("hello"));
  assert.match(response, /^HTTP\/1\.1 200 OK\r\n/);
  assert.match(response, /\r\nserver: envoy\r\n/);
  assert.match(response, /\r\nx-envoy-upstream-service-time: \d+\r\n/);
  assert.match(response, /\r\ndate: [A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} [\d:]{8} GMT\r\n/);
  const request = origin.connections[0]!.received;
  assert.match(request, /^GET \/ HTTP\/1\.1\r\nhost: a\.test\r\n/);
  assert.match(request, /\r\nx-forwarded-proto: http\r\n/);
  assert.match(request, /\r\nx-request-id: [0-9a-f-]{36}\r\n/);
  assert.match(request, /\r\nx-envoy-expected-rq-timeout-ms: 15000\r\n/);
  assert.equal(proxy.stat("http.in.downstream_rq_2xx"), 1);
  assert.equal(proxy.stat("cluster.origin.upstream_rq_200"), 1);
});

void test("pipelined requests are answered in order, over one connection each way", async (t) => {
  const { client, origin } = await startHttpRig(t, {
    answer({ socket, received }) {
      const path = /GET (\S+) (?![\s\S]*GET )/.exec(received)![1]!;
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${path.length}\r\n\r\n${path}`);
    },
  });
  const peer = client();
  peer.send(
    "GET /1 HTTP/1.1\r\nhost: a\r\n\r\nGET /none HTTP/1.1\r\nhost: a\r\n\r\nGET /3 HTTP/1.1\r\nhost: a\r\n\r\n",
  );
  const text = await peer.until((received) => received.endsWith("/3"));
  assert.deepEqual(text.match(/\r\n\r\n(\/\d|nothing)/g), [
    "\r\n\r\n/1",
    "\r\n\r\nnothing",
    "\r\n\r\n/3",
  ]);
  assert.equal(origin.connections.length, 1);
});

void test("a body passes in both directions, whole and chunked, in pieces of any size", async (t) => {
  const { client } = await startHttpRig(t, {
    answer({ socket, received }) {
      if (!received.endsWith("END")) return;
      const body = received.slice(received.indexOf("\r\n\r\n") + 4);
      socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
      socket.write(`${body.length.toString(16)}\r\n`);
      socket.write(Buffer.from(body, "latin1"));
      socket.write("\r\n0\r\n\r\n");
    },
  });
  const body = `${"0123456789".repeat(50_000)}END`;
  const peer = client().send(
    `POST / HTTP/1.1\r\nhost: a\r\ncontent-length: ${body.length}\r\n\r\n`,
  );
  for (let i = 0; i < body.length; i += 70_001) peer.send(body.slice(i, i + 70_001));
  const text = await peer.until((received) => received.endsWith("\r\n0\r\n\r\n"));
  const chunked = text.slice(text.indexOf("\r\n\r\n") + 4);
  assert.equal(chunked.replace(/(^|\r\n)[0-9a-f]+\r\n/g, "").replace(/\r\n$/, ""), body);
});

void test("no route to the upstream: 503 with Envoy's text", async (t) => {
  const { client, origin, proxy } = await startHttpRig(t);
  origin.close();
  const text = await client()
    .send(GET)
    .until((received) => received.includes("reset reason"));
  assert.match(text, /^HTTP\/1\.1 503 Service Unavailable\r\n/);
  assert.match(
    text,
    /upstream connect error or disconnect\/reset before headers\. reset reason: remote connection failure$/,
  );
  assert.equal(proxy.stat("cluster.origin.upstream_cx_connect_fail"), 1);
});

void test("an upstream that closes without an answer: 503; garbage: 502", async (t) => {
  const closing = await startHttpRig(t, { answer: ({ socket }) => socket.destroy() });
  const closed = await closing
    .client()
    .send(GET)
    .until((text) => text.includes("reset reason"));
  assert.match(closed, /^HTTP\/1\.1 503 .*connection termination$/s);
  const babbling = await startHttpRig(t, {
    answer: ({ socket }) => socket.write("garbage\r\n\r\n"),
  });
  const garbage = await babbling
    .client()
    .send(GET)
    .until((text) => text.includes("reset reason"));
  assert.match(garbage, /^HTTP\/1\.1 502 .*protocol error$/s);
});

void test("the route's timeout gives 504, the stream's idle timeout 504 or 408", async (t) => {
  const routed = await startHttpRig(t, { answer: () => {}, route: ", timeout: 0.05s" });
  assert.match(
    await routed
      .client()
      .send(GET)
      .until((text) => text.endsWith("timeout")),
    /^HTTP\/1\.1 504 .*upstream request timeout$/s,
  );
  const idle = await startHttpRig(t, { answer: () => {}, hcm: "stream_idle_timeout: 0.05s" });
  assert.match(
    await idle
      .client()
      .send(GET)
      .until((text) => text.endsWith("timeout")),
    /^HTTP\/1\.1 504 .*stream timeout$/s,
  );
  const half = idle.client().send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nabc");
  assert.match(await half.untilEnd(), /^HTTP\/1\.1 408 .*connection: close.*stream timeout$/s);
});

void test("a request that is not HTTP gets 400 and the connection closes", async (t) => {
  const { client, proxy } = await startHttpRig(t);
  const text = await client().send("nonsense\r\n\r\n").untilEnd();
  assert.match(text, /^HTTP\/1\.1 400 Bad Request\r\n.*connection: close.*Bad Request$/s);
  assert.equal(proxy.stat("http.in.downstream_cx_protocol_error"), 1);
  assert.equal(proxy.stat("http.in.downstream_rq_4xx"), 1);
});

void test("connection: close is obeyed, and said", async (t) => {
  const { client } = await startHttpRig(t);
  const text = await client()
    .send("GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
    .untilEnd();
  assert.match(text, /\r\nconnection: close\r\n/);
  assert.ok(text.endsWith("hello"));
});

void test("a client that goes away takes its upstream request with it", async (t) => {
  const arrived = Promise.withResolvers<OriginConnection>();
  const { client, proxy } = await startHttpRig(t, {
    answer: (connection) => arrived.resolve(connection),
  });
  const peer = client().send(GET);
  const upstream = await arrived.promise;
  const closed = new Promise((resolve) => upstream.socket.once("close", resolve));
  peer.close();
  await closed;
  assert.equal(proxy.stat("http.in.downstream_cx_destroy_remote_active_rq"), 1);
  assert.equal(proxy.stat("cluster.origin.upstream_rq_active"), 0);
});

void test("above max_requests the breaker answers", async (t) => {
  const { client, proxy } = await startHttpRig(t, {
    cluster: "circuit_breakers: { thresholds: [{ max_requests: 0 }] }",
  });
  const text = await client()
    .send(GET)
    .until((received) => received.includes("overflow"));
  assert.match(text, /^HTTP\/1\.1 503 .*x-envoy-overloaded: true.*reset reason: overflow$/s);
  assert.equal(proxy.stat("cluster.origin.upstream_rq_active_overflow"), 1);
});

void test("max_requests_per_connection ends the upstream connection after as many requests", async (t) => {
  const { client, origin } = await startHttpRig(t, { cluster: "max_requests_per_connection: 2" });
  const peer = client();
  for (let i = 1; i <= 4; i++) await peer.send(GET).until((text) => text.split("hello").length > i);
  assert.equal(origin.connections.length, 2);
});

void test("a slow reader stops the upstream: memory is bounded by the buffer limits", async (t) => {
  const size = 64 * 1024 * 1024;
  let sent = 0;
  const { client, proxy } = await startHttpRig(t, {
    answer({ socket }) {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${size}\r\n\r\n`);
      const chunk = Buffer.alloc(1024 * 1024, "x");
      const more = (): void => {
        while (sent < size) {
          sent += chunk.length;
          if (!socket.write(chunk)) return void socket.once("drain", more);
        }
      };
      more();
    },
  });
  const peer = client();
  peer.socket.pause();
  peer.send(GET);
  while (proxy.stat("cluster.origin.upstream_flow_control_paused_reading_total") === 0) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(sent < size, `${sent} bytes were taken while nobody read`);
  peer.socket.resume();
  await peer.until((text) => text.length > size);
  assert.deepEqual(proxy.exceptions, []);
});
