import assert from "node:assert/strict";
import type { ServerHttp2Stream } from "node:http2";
import { test } from "node:test";
import { Http2ErrorCode } from "@nuncio/codec";
import {
  block,
  frame,
  FrameFlag,
  FrameType,
  GET,
  headers,
  PREFACE,
} from "@nuncio/codec/testing/http2-frames";
import { ask, responseOf, startHttp2Rig } from "../../../testing/http2-rig.ts";
import { turnsUntil } from "../../../testing/turns.ts";

void test("a hundred requests at once: each gets its own answer, with its trailers", async (t) => {
  const open: ServerHttp2Stream[] = [];
  const { session, proxy, originSessions } = await startHttp2Rig(t, {
    answer(stream, { ":path": path }) {
      open.push(stream);
      let body = "";
      stream.on("data", (data: Buffer) => (body += data.toString("latin1")));
      stream.on("end", () => {
        stream.respond({ ":status": 200 }, { waitForTrailers: true });
        stream.on("wantTrailers", () => stream.sendTrailers({ "x-path": path }));
        stream.end(`${path} ${body}`);
      });
    },
  });
  const client = session();
  const streams = Array.from({ length: 100 }, (_, i) =>
    ask(client, { ":method": "POST", ":path": `/${i}` }, false),
  );
  await turnsUntil(() => open.length === 100);
  assert.equal(proxy.stat("http.in.downstream_rq_active"), 100);
  // The last one ends first.
  const answers = streams.map((stream) => responseOf(stream));
  for (const [i, stream] of [...streams.entries()].toReversed()) stream.end(`body ${i}`);
  for (const [i, answer] of answers.entries()) {
    const { status, body, trailers } = await answer;
    assert.deepEqual([status, body, trailers["x-path"]], [200, `/${i} body ${i}`, `/${i}`]);
  }
  assert.equal(originSessions.length, 1);
  assert.equal(proxy.stat("http.in.downstream_rq_active"), 0);
  assert.equal(proxy.stat("cluster.origin.upstream_rq_active"), 0);
});

void test("a reset of the client ends its request at the origin, and no other", async (t) => {
  const open: ServerHttp2Stream[] = [];
  const { session, proxy } = await startHttp2Rig(t, { answer: (stream) => open.push(stream) });
  const client = session();
  const first = ask(client, { ":path": "/1" });
  const second = ask(client, { ":path": "/2" });
  await turnsUntil(() => open.length === 2);
  first.close(Http2ErrorCode.Cancel);
  await turnsUntil(() => open[0]!.closed);
  assert.equal(open[0]!.rstCode, Http2ErrorCode.InternalError);
  open[1]!.respond({ ":status": 200 });
  open[1]!.end("still here");
  assert.equal((await responseOf(second)).body, "still here");
  assert.equal(proxy.stat("http.in.downstream_rq_rx_reset"), 1);
  assert.equal(proxy.stat("cluster.origin.upstream_rq_tx_reset"), 1);
});

void test("the end of the client's connection ends all of its requests", async (t) => {
  const open: ServerHttp2Stream[] = [];
  const { session, proxy } = await startHttp2Rig(t, { answer: (stream) => open.push(stream) });
  const client = session();
  for (let i = 0; i < 10; i++) ask(client);
  await turnsUntil(() => open.length === 10);
  client.destroy();
  await turnsUntil(() => open.every(({ closed }) => closed));
  assert.equal(proxy.stat("http.in.downstream_cx_destroy_remote_active_rq"), 1);
  assert.equal(proxy.stat("http.in.downstream_rq_active"), 0);
  assert.equal(proxy.stat("http2.streams_active"), 0);
});

void test("a drain: a notice first, the last stream later, the end when all is answered", async (t) => {
  const open: ServerHttp2Stream[] = [];
  const { peer, proxy } = await startHttp2Rig(t, {
    answer: (stream) => open.push(stream),
    hcm: `common_http_protocol_options: { max_requests_per_connection: 1 }
          drain_timeout: 0.5s`,
  });
  const client = peer().send(PREFACE + headers(1, GET));
  const goAways = (): string[] => client.lines.filter((line) => line.startsWith("GOAWAY"));
  await client.until(() => goAways().length > 0);
  assert.deepEqual(goAways(), ["GOAWAY 2147483647 0"]);
  // What was on its way when the notice came is served.
  client.send(headers(3, GET));
  await client.until(() => goAways().length > 1);
  assert.deepEqual(goAways(), ["GOAWAY 2147483647 0", "GOAWAY 3 0"]);
  client.send(headers(5, GET));
  await client.until(() => client.resetCodes.length > 0);
  assert.deepEqual(client.resetCodes, [Http2ErrorCode.RefusedStream]);
  assert.equal(open.length, 2);
  for (const stream of open) {
    stream.respond({ ":status": 200 });
    stream.end("ok");
  }
  await client.until(() => false);
  assert.deepEqual(client.statuses, ["200", "200"]);
  // Each of them was one too many.
  assert.equal(proxy.stat("http.in.downstream_cx_max_requests_reached"), 2);
});

void test("a client that answers no ping is gone", async (t) => {
  const { peer, proxy } = await startHttp2Rig(t, {
    hcm: `http2_protocol_options:
            connection_keepalive: { interval: 0.02s, timeout: 0.02s, interval_jitter: { value: 0 } }`,
  });
  const client = peer().send(PREFACE);
  await client.until(() => false);
  assert.equal(client.frames[FrameType.Ping], 1);
  assert.equal(proxy.stat("http2.keepalive_timeout"), 1);
  assert.equal(proxy.stat("http.in.downstream_cx_destroy_local"), 1);
});

void test("a head that does not end in time is answered, and the other streams go on", async (t) => {
  const open: ServerHttp2Stream[] = [];
  const { peer, proxy } = await startHttp2Rig(t, {
    answer: (stream) => open.push(stream),
    hcm: "request_headers_timeout: 0.02s",
  });
  const client = peer().send(PREFACE + headers(1, GET));
  await turnsUntil(() => open.length === 1);
  client.send(frame(FrameType.Headers, FrameFlag.EndStream, 3, block(GET)));
  await client.until(() => client.statuses.length > 0);
  assert.deepEqual(client.statuses, ["408"]);
  assert.equal(proxy.stat("http.in.downstream_rq_header_timeout"), 1);
  open[0]!.respond({ ":status": 200 });
  open[0]!.end();
  await client.until(() => client.statuses.length > 1);
  assert.deepEqual(client.statuses, ["408", "200"]);
});
