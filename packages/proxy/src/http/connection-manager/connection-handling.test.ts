import assert from "node:assert/strict";
import { test } from "node:test";
import { testAccessLog } from "../../testing/access-log.ts";
import { startHttpRig } from "../../testing/http-rig.ts";
import type { OriginConnection } from "../../testing/origin.ts";
import type { TestProxy } from "../../testing/proxy.ts";
import { turns, turnsUntil } from "../../testing/turns.ts";

const GET = "GET / HTTP/1.1\r\nhost: a.test\r\n\r\n";

function counted(proxy: TestProxy, ...names: string[]): (number | undefined)[] {
  return names.map((name) => proxy.stat(`http.in.${name}`));
}

void test("a connection has its protocol from the first byte on", async (t) => {
  const { client, proxy } = await startHttpRig(t);
  const peer = client();
  await turnsUntil(() => proxy.stat("http.in.downstream_cx_total") === 1);
  assert.deepEqual(
    counted(proxy, "downstream_cx_http1_total", "downstream_cx_http1_active"),
    [0, 0],
  );
  peer.send("G");
  await turnsUntil(() => proxy.stat("http.in.downstream_cx_http1_total") === 1);
  peer.close();
  await turnsUntil(() => proxy.stat("http.in.downstream_cx_active") === 0);
  assert.equal(proxy.stat("http.in.downstream_cx_http1_active"), 0);
});

void test("half a head is a request: it is counted, and logged when its client leaves", async (t) => {
  const log = testAccessLog(
    t,
    "%RESPONSE_CODE% %RESPONSE_FLAGS% %PROTOCOL% %DOWNSTREAM_WIRE_BYTES_RECEIVED%",
  );
  const { client, proxy } = await startHttpRig(t, { hcm: log.yaml });
  const peer = client().send("GET / HTTP/1.1\r\nHos");
  await turnsUntil(() => proxy.stat("http.in.downstream_rq_active") === 1);
  peer.close();
  await turnsUntil(() => proxy.stat("http.in.downstream_cx_active") === 0);
  assert.deepEqual(
    counted(proxy, "downstream_rq_total", "downstream_rq_rx_reset", "downstream_rq_active"),
    [1, 1, 0],
  );
  await turnsUntil(() => log.lines().length > 0);
  assert.deepEqual(log.lines(), ["0 DC HTTP/1.1 19"]);
});

void test("the timeouts of a stream run while its head is still coming", async (t) => {
  for (const field of ["stream_idle_timeout", "request_timeout", "request_headers_timeout"]) {
    const { client } = await startHttpRig(t, { hcm: `${field}: 0.05s` });
    const text = await client().send("GET / HTTP/1.1\r\nHos").untilEnd();
    assert.match(text, /^HTTP\/1\.1 408 .*connection: close.* timeout$/s, field);
  }
});

void test("a head in pieces is one request, also when its timeouts are not reached", async (t) => {
  const { client, proxy } = await startHttpRig(t, { hcm: "request_timeout: 600s" });
  const peer = client().send("GET / HTTP/1.1\r\nHos");
  await turnsUntil(() => proxy.stat("http.in.downstream_rq_active") === 1);
  await peer.send("t: a\r\n\r\n").until((text) => text.endsWith("hello"));
  await peer.send(GET).until((text) => text.split("hello").length === 3);
  assert.deepEqual(counted(proxy, "downstream_rq_total", "downstream_rq_2xx"), [2, 2]);
});

void test("wire bytes are counted as they are read, pipelined ones for all who wait in front", async (t) => {
  const log = testAccessLog(t, "%REQ(:PATH)% %DOWNSTREAM_WIRE_BYTES_RECEIVED%");
  const { client } = await startHttpRig(t, { hcm: log.yaml });
  const peer = client();
  peer.send(
    ["/1", "/none", "/3"].map((path) => `GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`).join(""),
  );
  await peer.until((text) => text.split("hello").length === 3);
  await turnsUntil(() => log.lines().length === 3);
  assert.deepEqual(log.lines(), ["/1 87", "/none 59", "/3 28"]);
});

void test("an idle connection is drained: the next request is answered with a goodbye", async (t) => {
  const { client, proxy } = await startHttpRig(t, {
    hcm: "common_http_protocol_options: { idle_timeout: 0.05s }\n          drain_timeout: 600s",
  });
  const peer = client();
  await peer.send(GET).until((text) => text.endsWith("hello"));
  await turnsUntil(() => proxy.stat("http.in.downstream_cx_idle_timeout") === 1);
  const text = await peer.send(GET).untilEnd();
  assert.deepEqual(text.match(/connection: close|hello/g), ["hello", "connection: close", "hello"]);
  assert.equal(proxy.stat("http.in.downstream_cx_drain_close"), 0);
});

void test("a drained connection without a further request closes after drain_timeout", async (t) => {
  const { client, proxy } = await startHttpRig(t, {
    hcm: "common_http_protocol_options: { max_connection_duration: 0.05s }\n          drain_timeout: 0.02s",
  });
  const text = await client().send(GET).untilEnd();
  assert.ok(text.endsWith("hello"));
  assert.equal(proxy.stat("http.in.downstream_cx_max_duration_reached"), 1);
});

void test("a connection that never said anything closes at its idle timeout", async (t) => {
  const { client, proxy } = await startHttpRig(t, {
    hcm: "common_http_protocol_options: { idle_timeout: 0.05s }\n          drain_timeout: 600s",
  });
  assert.equal(await client().untilEnd(), "");
  assert.equal(proxy.stat("http.in.downstream_cx_idle_timeout"), 1);
});

void test("who asked for the close is not waited for; who did not has delayed_close_timeout", async (t) => {
  const { client, proxy } = await startHttpRig(t, { hcm: "delayed_close_timeout: 0.02s" });
  await client().send("GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").untilEnd();
  await turnsUntil(() => proxy.stat("http.in.downstream_cx_active") === 0);
  assert.equal(proxy.stat("http.in.downstream_cx_delayed_close_timeout"), 0);
  await client().send("garbage\r\n\r\n").untilEnd();
  await turnsUntil(() => proxy.stat("http.in.downstream_cx_active") === 0);
  assert.deepEqual(
    counted(proxy, "downstream_cx_delayed_close_timeout", "downstream_cx_destroy_local"),
    [1, 2],
  );
});

void test("a response before the end of its request is a reset, without the upstream's time", async (t) => {
  const { client, proxy } = await startHttpRig(t, {
    answer: ({ socket }) =>
      socket.write("HTTP/1.1 413 Payload Too Large\r\ncontent-length: 2\r\n\r\nno"),
  });
  const text = await client()
    .send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nabc")
    .untilEnd();
  assert.match(text, /^HTTP\/1\.1 413 .*\r\nconnection: close\r\n/s);
  assert.ok(!text.includes("x-envoy-upstream-service-time"));
  assert.deepEqual(
    counted(proxy, "downstream_rq_rx_reset", "downstream_rq_response_before_rq_complete"),
    [1, 1],
  );
  assert.equal(proxy.stat("cluster.origin.upstream_cx_destroy_local_with_active_rq"), 1);
});

void test("informational responses count as responses, on both sides", async (t) => {
  const { client, proxy } = await startHttpRig(t, {
    answer({ socket, received }) {
      if (received.endsWith("hello"))
        socket.write(
          "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
        );
    },
  });
  const peer = client().send(
    "POST / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 5\r\n\r\n",
  );
  await peer.until((text) => text === "HTTP/1.1 100 Continue\r\n\r\n");
  const text = await peer
    .send("hello")
    .until((received) => received.includes("server: envoy\r\n\r\n"));
  await turnsUntil(() => proxy.stat("http.in.downstream_rq_active") === 0);
  assert.deepEqual(
    counted(proxy, "downstream_rq_1xx", "downstream_rq_completed", "downstream_cx_tx_bytes_total"),
    [1, 2, text.length],
  );
  assert.equal(proxy.stat("cluster.origin.upstream_rq_103"), 1);
});

void test("QUERY without a content-type, and no Host, are refused with a close", async (t) => {
  const { client } = await startHttpRig(t);
  for (const head of ["QUERY / HTTP/1.1\r\nhost: a\r\n\r\n", "GET / HTTP/1.1\r\n\r\n"]) {
    assert.match(
      await client().send(head).untilEnd(),
      /^HTTP\/1\.1 400 .*\r\nconnection: close\r\n/s,
    );
  }
  const query = "QUERY / HTTP/1.1\r\nhost: a\r\ncontent-type: text/plain\r\n\r\n";
  assert.match(
    await client()
      .send(query)
      .until((text) => text.endsWith("hello")),
    /^HTTP\/1\.1 200 /,
  );
});

void test("a client that pipelines and does not read is not served further", async (t) => {
  const { client, proxy } = await startHttpRig(t, { directBody: "x".repeat(4000) });
  const requests = 8000;
  const peer = client();
  peer.socket.pause();
  peer.send("GET /none HTTP/1.1\r\nhost: a\r\n\r\n".repeat(requests));
  await turnsUntil(() => proxy.stat("http.in.downstream_rq_total")! > 0);
  await turns(200);
  const served = proxy.stat("http.in.downstream_rq_total")!;
  assert.ok(served < requests / 2, `${served} of ${requests} were served while nobody read`);
  peer.socket.resume();
  const answers = (text: string): number => text.split("HTTP/1.1 404").length - 1;
  // Looking into all of it at every read would take the square of the time.
  const bodiesBytes = requests * 4000;
  const text = await peer.until(
    (received) =>
      received.length > bodiesBytes && answers(received) === requests && received.endsWith("x"),
  );
  assert.equal(answers(text), requests);
});

void test("a body that turns out to be empty stays a body upstream", async (t) => {
  const { client, origin } = await startHttpRig(t, {
    answer({ socket, received }) {
      if (received.endsWith("0\r\n\r\n"))
        socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    },
  });
  const peer = client().send(
    "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
  );
  await peer.until((text) => text.endsWith("ok"));
  assert.match(origin.connections[0]!.received, /\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n$/);
});

void test("an upstream's goodbye, and bytes behind its response, are counted", async (t) => {
  const answers = [
    "connection: close\r\ncontent-length: 2\r\n\r\nok",
    "content-length: 2\r\n\r\nok extra",
  ];
  const { client, proxy, origin } = await startHttpRig(t, {
    answer: ({ socket }) => socket.write(`HTTP/1.1 200 OK\r\n${answers.shift()}`),
  });
  const peer = client();
  await peer.send(GET).until((text) => text.endsWith("ok"));
  assert.equal(proxy.stat("cluster.origin.upstream_cx_close_notify"), 1);
  assert.equal(proxy.stat("cluster.origin.upstream_cx_protocol_error"), 0);
  await peer.send(GET).until((text) => text.split("ok").length === 3);
  assert.equal(proxy.stat("cluster.origin.upstream_cx_close_notify"), 1);
  assert.equal(proxy.stat("cluster.origin.upstream_cx_protocol_error"), 1);
  assert.equal(origin.connections.length, 2);
});

void test("a client that leaves closes the upstream connection, which is no reset of HTTP/1", async (t) => {
  const arrived = Promise.withResolvers<OriginConnection>();
  const { client, proxy } = await startHttpRig(t, {
    answer: (connection) => arrived.resolve(connection),
  });
  const peer = client().send(GET);
  await arrived.promise;
  peer.close();
  await turnsUntil(() => proxy.stat("cluster.origin.upstream_cx_active") === 0);
  assert.equal(proxy.stat("cluster.origin.upstream_cx_destroy_local_with_active_rq"), 1);
  assert.equal(proxy.stat("cluster.origin.upstream_rq_tx_reset"), 0);
});

void test("a refused head is told of: joined lines, no route, the bytes that were read", async (t) => {
  const log = testAccessLog(
    t,
    "%RESPONSE_CODE% %REQ(USER-AGENT)% %UPSTREAM_CLUSTER% %DOWNSTREAM_HEADER_BYTES_RECEIVED%",
  );
  const mutation = "envoy.extensions.filters.http.header_mutation.v3.HeaderMutation";
  const { client } = await startHttpRig(t, {
    hcm: `${log.yaml}
          common_http_protocol_options: { headers_with_underscores_action: REJECT_REQUEST }`,
    filters: `{ name: m, typed_config: { "@type": type.googleapis.com/${mutation} } }`,
  });
  const twice = "user-agent: a\r\nuser-agent: b\r\n";
  await client().send(`GET /# HTTP/1.1\r\nhost: a\r\n${twice}\r\n`).untilEnd();
  await client().send("GET / HTTP/1.1\r\nx_y: a\r\nlong-name: b\r\n\r\n").untilEnd();
  await turnsUntil(() => log.lines().length > 1);
  assert.deepEqual(log.lines(), ["400 a,b - 36", "400 - - 16"]);
});

void test("an early refusal has the route of a request with x-forwarded-proto", async (t) => {
  const log = testAccessLog(t, "%RESPONSE_CODE% %ROUTE_NAME%");
  const { client } = await startHttpRig(t, { hcm: log.yaml, name: "r" });
  await client().send("GET /# HTTP/1.1\r\nhost: a\r\nx-forwarded-proto: http\r\n\r\n").untilEnd();
  await client().send("GET /# HTTP/1.1\r\nhost: a\r\n\r\n").untilEnd();
  await turnsUntil(() => log.lines().length > 1);
  assert.deepEqual(log.lines(), ["400 r", "400 -"]);
});

void test("until the response comes, its code is that of the interim response", async (t) => {
  const log = testAccessLog(t, "%RESPONSE_CODE%");
  const { client } = await startHttpRig(t, { hcm: log.yaml, answer: () => {} });
  const peer = client().send("GET / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\n\r\n");
  await peer.until((text) => text.startsWith("HTTP/1.1 100 "));
  peer.close();
  await turnsUntil(() => log.lines().length > 0);
  assert.deepEqual(log.lines(), ["100"]);
});

void test("a refused head counts for max_requests_per_connection", async (t) => {
  const { client, proxy } = await startHttpRig(t, {
    hcm: "common_http_protocol_options: { max_requests_per_connection: 1 }",
  });
  await client().send("GET x HTTP/1.1\r\nhost: a\r\n\r\n").untilEnd();
  assert.deepEqual(counted(proxy, "downstream_cx_max_requests_reached"), [1]);
});

void test("a request is one of gRPC by what it was, and traced or not when it ends", async (t) => {
  const mutation = "envoy.extensions.filters.http.header_mutation.v3.HeaderMutation";
  const { client, proxy } = await startHttpRig(t, {
    hcm: "tracing: {}",
    match: "prefix: /up",
    filters: `{ name: m, typed_config: { "@type": type.googleapis.com/${mutation}, mutations: { request_mutations: [{ remove: content-type }] } } }`,
  });
  const grpc = "host: a\r\ncontent-type: application/grpc\r\n\r\n";
  const response = await client()
    .send(`GET /none HTTP/1.1\r\n${grpc}`)
    .until((text) => text.includes("\r\n\r\n"));
  assert.match(response, /\r\ngrpc-status: 12\r\n/);
  await client().send("GET x HTTP/1.1\r\n\r\n").untilEnd();
  assert.deepEqual(counted(proxy, "tracing.random_sampling", "tracing.not_traceable"), [1, 1]);
});

void test("the operation that a request names for its span goes no further where there is tracing", async (t) => {
  const { client, origin } = await startHttpRig(t, { hcm: "tracing: {}" });
  await client()
    .send("GET / HTTP/1.1\r\nhost: a\r\nx-envoy-decorator-operation: op\r\n\r\n")
    .until((text) => text.endsWith("hello"));
  assert.doesNotMatch(origin.connections[0]!.received, /decorator-operation/);
});

void test("a refused request that forces a trace has its id in the reply", async (t) => {
  const { client } = await startHttpRig(t);
  const lines = "host: a\r\nx-request-id: i\r\nx-envoy-force-trace: 1\r\n\r\n";
  assert.match(
    await client().send(`GET /# HTTP/1.1\r\n${lines}`).untilEnd(),
    /\r\nx-request-id: i\r\n/,
  );
  const taken = client().send(`GET / HTTP/1.1\r\n${lines}`);
  assert.doesNotMatch(await taken.until((text) => text.endsWith("hello")), /x-request-id/);
});
