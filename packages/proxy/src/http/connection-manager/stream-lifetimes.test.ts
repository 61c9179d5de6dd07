import assert from "node:assert/strict";
import { test } from "node:test";
import { testAccessLog } from "../../testing/access-log.ts";
import { startHttpRig } from "../../testing/http-rig.ts";
import type { OriginConnection } from "../../testing/origin.ts";
import { turnsUntil } from "../../testing/turns.ts";

const GET = "GET / HTTP/1.1\r\nhost: a.test\r\n\r\n";
const HELLO = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";

void test("a line when a request begins, some while it lasts, one at its end", async (t) => {
  const log = testAccessLog(
    t,
    "%ACCESS_LOG_TYPE% %RESPONSE_CODE% %UPSTREAM_CLUSTER% %UPSTREAM_WIRE_BYTES_RECEIVED%",
  );
  const open: OriginConnection[] = [];
  const { client } = await startHttpRig(t, {
    answer: (connection) => open.push(connection),
    hcm: `${log.yaml}
          access_log_options: { flush_access_log_on_new_request: true, access_log_flush_interval: 0.02s }`,
  });
  const peer = client().send(GET);
  await turnsUntil(() => log.lines().length >= 3);
  open[0]!.socket.write(HELLO);
  await peer.until((text) => text.endsWith("hello"));
  peer.close();
  await turnsUntil(() => log.lines().at(-1)!.startsWith("DownstreamEnd"));
  const lines = log.lines();
  assert.equal(lines[0], "DownstreamStart 0 origin 0");
  assert.equal(lines.at(-1), `DownstreamEnd 200 origin ${HELLO.length}`);
  assert.deepEqual(new Set(lines.slice(1, -1)), new Set(["DownstreamPeriodic 0 origin 0"]));
});

void test("after a safe max_connection_duration the next response is the last one", async (t) => {
  const { client, proxy } = await startHttpRig(t, {
    hcm: `common_http_protocol_options: { max_connection_duration: 0.4s }
          http1_safe_max_connection_duration: true
          drain_timeout: 0.001s`,
  });
  const peer = client().send(GET);
  await peer.until((text) => text.endsWith("hello"));
  await turnsUntil(() => proxy.stat("http.in.downstream_cx_max_duration_reached") === 1);
  assert.equal(proxy.stat("http.in.downstream_cx_http1_soft_drain"), 1);
  const before = peer.received.length;
  const second = (await peer.send(GET).untilEnd()).slice(before);
  assert.match(second, /\r\nconnection: close\r\n.*hello$/s);
  await turnsUntil(() => proxy.stat("http.in.downstream_cx_active") === 0);
  assert.equal(proxy.stat("http.in.downstream_cx_http1_soft_drain"), 0);
});

void test("a response that began before the drain ends its connection when the drain is over", async (t) => {
  const open: OriginConnection[] = [];
  const { client, proxy } = await startHttpRig(t, {
    answer: (connection) => {
      open.push(connection);
      connection.socket.write(HELLO.slice(0, -2));
    },
    hcm: `common_http_protocol_options: { max_connection_duration: 0.03s }
          drain_timeout: 0.001s`,
  });
  const peer = client().send(GET);
  await peer.until((text) => text.endsWith("hel"));
  await turnsUntil(() => proxy.stat("http.in.downstream_cx_max_duration_reached") === 1);
  // A connection that begins now ends after the other one's drain.
  await client().untilEnd();
  open[0]!.socket.write("lo");
  const text = await peer.untilEnd();
  assert.doesNotMatch(text, /connection: close/);
  assert.ok(text.endsWith("hello"), text);
});

void test("a head's timeout means nothing once its request has failed", async (t) => {
  const { client, proxy } = await startHttpRig(t, {
    hcm: "request_timeout: 0.02s\n          request_headers_timeout: 0.05s",
  });
  const text = await client().send("GET / HTTP/1.1\r\nHos").untilEnd();
  assert.equal(text.split("HTTP/1.1 408").length, 2);
  await turnsUntil(() => proxy.stat("http.in.downstream_cx_active") === 0);
  assert.equal(proxy.stat("http.in.downstream_rq_total"), 1);
  assert.equal(proxy.stat("http.in.downstream_rq_header_timeout"), 0);
});

void test("an upstream connection ends at its max_connection_duration, a busy one with its response", async (t) => {
  const open: OriginConnection[] = [];
  const options = "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
  const { client, origin, proxy } = await startHttpRig(t, {
    answer: (connection) => open.push(connection),
    cluster: `typed_extension_protocol_options: { envoy.extensions.upstreams.http.v3.HttpProtocolOptions: { "@type": ${options}, common_http_protocol_options: { max_connection_duration: 0.03s }, explicit_http_config: { http_protocol_options: {} } } }`,
  });
  const peer = client().send(GET);
  await turnsUntil(() => proxy.stat("cluster.origin.upstream_cx_max_duration_reached") === 1);
  assert.equal(proxy.stat("cluster.origin.upstream_cx_active"), 1);
  open[0]!.socket.write(HELLO);
  await peer.until((text) => text.endsWith("hello"));
  await turnsUntil(() => proxy.stat("cluster.origin.upstream_cx_active") === 0);
  peer.send(GET);
  await turnsUntil(() => origin.connections.length === 2);
});
