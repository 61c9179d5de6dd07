import assert from "node:assert/strict";
import type { ServerHttp2Stream } from "node:http2";
import { test } from "node:test";
import { Http2ErrorCode } from "@nuncio/codec";
import { FrameType, headers, OK, SETTINGS, settings } from "@nuncio/codec/testing/http2-frames";
import { ask, responseOf, startFrameHost, startHttp2Rig, WIDE } from "../../testing/http2-rig.ts";
import { turnsUntil } from "../../testing/turns.ts";

function hello(stream: ServerHttp2Stream | undefined): void {
  stream!.respond({ ":status": 200 });
  stream!.end("hello");
}

void test("clients share a connection to their host", async (t) => {
  const { session, proxy, originSessions } = await startHttp2Rig(t);
  for (let i = 0; i < 3; i++) assert.equal((await responseOf(ask(session()))).body, "hello");
  assert.equal(originSessions.length, 1);
  assert.equal(proxy.stat("cluster.origin.upstream_cx_http2_total"), 1);
  assert.equal(proxy.stat("cluster.origin.upstream_rq_total"), 3);
});

void test("a host that takes few streams at once gets further connections", async (t) => {
  const open: ServerHttp2Stream[] = [];
  const { session, proxy, originSessions } = await startHttp2Rig(t, {
    answer: (stream, { ":path": path }) => (path === "/first" ? hello(stream) : open.push(stream)),
    originSettings: { maxConcurrentStreams: 2 },
  });
  const client = session();
  await responseOf(ask(client, { ":path": "/first" }));
  const answers = Array.from({ length: 6 }, () => responseOf(ask(client)));
  await turnsUntil(() => open.length === 6);
  assert.equal(originSessions.length, 3);
  assert.equal(proxy.stat("cluster.origin.upstream_cx_active"), 3);
  for (const stream of open) hello(stream);
  for (const answer of answers) assert.equal((await answer).status, 200);
});

void test("max_connections makes requests wait for a stream that ends", async (t) => {
  const open: ServerHttp2Stream[] = [];
  const { session, proxy, originSessions } = await startHttp2Rig(t, {
    answer: (stream) => open.push(stream),
    upstreamHttp2: "max_concurrent_streams: 1",
    cluster: "circuit_breakers: { thresholds: [{ max_connections: 1 }] }",
  });
  const client = session();
  const answers = [1, 2, 3].map(() => responseOf(ask(client)));
  await turnsUntil(() => proxy.stat("cluster.origin.upstream_rq_pending_active") === 2);
  for (let i = 0; i < 3; i++) {
    await turnsUntil(() => open.length === i + 1);
    hello(open[i]);
    assert.equal((await answers[i]!).status, 200);
  }
  assert.equal(originSessions.length, 1);
});

void test("a host that says GOAWAY answers what it has, and new requests go elsewhere", async (t) => {
  const open: ServerHttp2Stream[] = [];
  const { session, proxy, originSessions } = await startHttp2Rig(t, {
    answer: (stream) => open.push(stream),
  });
  const client = session();
  const first = responseOf(ask(client));
  await turnsUntil(() => open.length === 1);
  originSessions[0]!.goaway(Http2ErrorCode.NoError, open[0]!.id);
  await turnsUntil(() => proxy.stat("cluster.origin.upstream_cx_close_notify") === 1);
  const second = responseOf(ask(client));
  await turnsUntil(() => open.length === 2);
  assert.equal(originSessions.length, 2);
  for (const stream of open) hello(stream);
  assert.deepEqual([(await first).status, (await second).status], [200, 200]);
  await turnsUntil(() => proxy.stat("cluster.origin.upstream_cx_active") === 1);
});

void test("a stream that the host refuses or resets fails alone", async (t) => {
  const open = new Map<string, ServerHttp2Stream>();
  const { session, proxy } = await startHttp2Rig(t, {
    answer: (stream, { ":path": path }) => open.set(path!, stream),
  });
  const client = session();
  const paths = ["/refused", "/reset", "/kept"];
  const answers = paths.map((path) => responseOf(ask(client, { ":path": path })));
  await turnsUntil(() => open.size === 3);
  open.get("/refused")!.close(Http2ErrorCode.RefusedStream);
  open.get("/reset")!.close(Http2ErrorCode.InternalError);
  assert.equal((await answers[0]!).status, 503);
  assert.equal((await answers[1]!).status, 503);
  hello(open.get("/kept"));
  assert.equal((await answers[2]!).status, 200);
  assert.equal(proxy.stat("cluster.origin.upstream_rq_rx_reset"), 1);
  assert.equal(proxy.stat("cluster.origin.upstream_cx_active"), 1);
});

void test("the end of a connection fails its streams, and those only", async (t) => {
  const open: ServerHttp2Stream[] = [];
  const { session, proxy, originSockets } = await startHttp2Rig(t, {
    answer: (stream) => open.push(stream),
  });
  const client = session();
  const lost = [1, 2].map(() => responseOf(ask(client)));
  await turnsUntil(() => open.length === 2);
  originSockets[0]!.destroy();
  for (const answer of lost) assert.equal((await answer).status, 503);
  const next = responseOf(ask(client));
  await turnsUntil(() => open.length === 3);
  hello(open[2]);
  assert.equal((await next).status, 200);
  assert.equal(proxy.stat("cluster.origin.upstream_rq_pending_failure_eject"), 2);
  assert.equal(proxy.stat("cluster.origin.upstream_cx_destroy_remote_with_active_rq"), 1);
});

void test("a connection that nobody uses ends after idle_timeout", async (t) => {
  const { session, proxy, originSessions } = await startHttp2Rig(t, {
    upstreamCommon: "idle_timeout: 0.02s",
  });
  assert.equal((await responseOf(ask(session()))).status, 200);
  await turnsUntil(() => originSessions[0]!.destroyed);
  assert.equal(proxy.stat("cluster.origin.upstream_cx_idle_timeout"), 1);
});

void test("a host that answers no ping loses its requests", async (t) => {
  const { originPort, peers } = await startFrameHost(t, SETTINGS);
  const { session, proxy } = await startHttp2Rig(t, {
    originPort,
    upstreamHttp2:
      "connection_keepalive: { interval: 0.02s, timeout: 0.02s, interval_jitter: { value: 0 } }",
  });
  assert.equal((await responseOf(ask(session()))).status, 503);
  assert.equal(peers.length, 1);
  assert.equal(proxy.stat("cluster.origin.http2.keepalive_timeout"), 1);
  assert.equal(proxy.stat("cluster.origin.upstream_cx_destroy_local_with_active_rq"), 1);
});

const MAX_CONCURRENT_STREAMS = 3;
/** More than the sockets on the way hold. */
const LARGE_BYTES = 16 * 1024 * 1024;

void test("a host that allows fewer streams than before gets no more than those", async (t) => {
  const { originPort, peers } = await startFrameHost(t, SETTINGS);
  const { session, proxy } = await startHttp2Rig(t, { originPort });
  const client = session();
  const first = responseOf(ask(client));
  await turnsUntil(() => peers[0]?.frames[FrameType.Headers] === 1);
  const before = peers[0]!.acks;
  peers[0]!.send(settings([MAX_CONCURRENT_STREAMS, 1]));
  await peers[0]!.until(() => peers[0]!.acks > before);
  const second = responseOf(ask(client));
  await turnsUntil(() => peers[1]?.frames[FrameType.Headers] === 1);
  for (const peer of peers) peer.send(headers(1, OK));
  assert.deepEqual([(await first).status, (await second).status], [200, 200]);
  assert.equal(proxy.stat("cluster.origin.upstream_cx_total"), 2);
});

void test("a connection that broke takes no request, though its last output is not sent yet", async (t) => {
  const { originPort, peers } = await startFrameHost(t, WIDE);
  const { session, proxy } = await startHttp2Rig(t, { originPort });
  const client = session();
  const lost = ask(client, { ":method": "POST" }, false);
  const answer = responseOf(lost);
  await turnsUntil(() => peers[0]?.frames[FrameType.Headers] === 1);
  peers[0]!.socket.pause();
  lost.write(Buffer.alloc(LARGE_BYTES));
  await turnsUntil(() => proxy.stat("http.in.downstream_flow_control_paused_reading_total") === 1);
  peers[0]!.send("this is no frame");
  assert.equal((await answer).status, 502);
  const next = responseOf(ask(client));
  await turnsUntil(() => peers[1]?.frames[FrameType.Headers] === 1);
  peers[1]!.send(headers(1, OK));
  assert.equal((await next).status, 200);
  assert.equal(proxy.stat("cluster.origin.upstream_cx_protocol_error"), 1);
});

void test("max_connection_duration: the next request gets another connection", async (t) => {
  const open: ServerHttp2Stream[] = [];
  const { session, proxy, originSessions } = await startHttp2Rig(t, {
    answer: (stream) => open.push(stream),
    upstreamCommon: "max_connection_duration: 0.05s",
  });
  const client = session();
  const first = responseOf(ask(client));
  await turnsUntil(() => proxy.stat("cluster.origin.upstream_cx_max_duration_reached") === 1);
  const second = responseOf(ask(client));
  await turnsUntil(() => open.length === 2);
  assert.equal(originSessions.length, 2);
  for (const stream of open) hello(stream);
  assert.deepEqual([(await first).status, (await second).status], [200, 200]);
});
