import assert from "node:assert/strict";
import { test } from "node:test";
import { Http2ErrorCode } from "@nuncio/codec";
import {
  block,
  data,
  type Fields,
  frame,
  FrameFlag,
  FrameType,
  GET,
  goAway,
  headers,
  OK,
  POST,
  rstStream,
  SETTINGS,
  settings,
  uint32Text,
  windowUpdate,
} from "@nuncio/codec/testing/http2-frames";
import { turnsUntil } from "../testing/turns.ts";
import { EvilHttp2Host, http2Cluster } from "./testing/evil-host.ts";
import { assertBelow, startAbuseRig } from "./testing/rig.ts";

const MEMORY_BYTES = 32 * 1024 * 1024;
const INITIAL_WINDOW_SIZE = 4;
const MAX_STREAM_ID = 2 ** 31 - 1;
const CANCEL = Http2ErrorCode.Cancel;
const PING = frame(FrameType.Ping, 0, 0, "12345678");
const to = (fields: Fields): Fields =>
  fields.map(([name, value]) => [name, name === ":path" ? "/evil" : value]);
const literals = "\0\x01a\x01b".repeat(200);

/** What a host of HTTP/2 does to a request, and what becomes of it. */
interface Attack {
  /** Once, behind its SETTINGS. */
  readonly first?: string;
  /** Again and again, so many in a packet. */
  readonly rest?: string;
  readonly each?: number;
  /** What the client sees: status codes of its stream, or a reset. */
  readonly seen: readonly string[];
  /** What moved, of the cluster's. */
  readonly counter: string;
  readonly request?: string;
}

const GET_EVIL = headers(1, to(GET));
const POST_EVIL = headers(1, to(POST), false);

const ATTACKS: Readonly<Record<string, Attack>> = {
  "a head without end": {
    first: frame(FrameType.Headers, 0, 1, block(OK)),
    rest: frame(FrameType.Continuation, 0, 1, literals),
    seen: ["502"],
    counter: "http2.header_overflow",
  },
  "a head without end, in frames without anything": {
    first: frame(FrameType.Headers, 0, 1, block(OK)),
    rest: frame(FrameType.Continuation, 0, 1, ""),
    seen: ["502"],
    counter: "http2.inbound_empty_frames_flood",
  },
  "trailers without end": {
    first:
      headers(1, OK, false) +
      data(1, "x", false) +
      frame(FrameType.Headers, FrameFlag.EndStream, 1, ""),
    rest: frame(FrameType.Continuation, 0, 1, literals),
    seen: ["200", "reset"],
    counter: "http2.header_overflow",
  },
  "informational responses without end": {
    rest: headers(1, [[":status", "103"]], false),
    each: 20,
    seen: ["502"],
    counter: "upstream_rq_tx_reset",
  },
  "SETTINGS without end": {
    rest: settings(),
    each: 100,
    seen: ["502"],
    counter: "upstream_cx_protocol_error",
  },
  "more PINGs than may wait": {
    rest: PING,
    each: 3000,
    seen: ["502"],
    counter: "http2.outbound_control_flood",
  },
  "empty DATA": {
    first: headers(1, OK, false),
    rest: data(1, "", false),
    seen: ["200", "reset"],
    counter: "http2.inbound_empty_frames_flood",
  },
  "GOAWAY without end": {
    rest: goAway(99, 0),
    each: 10,
    seen: ["502"],
    counter: "upstream_cx_protocol_error",
  },
  "PRIORITY without end": {
    rest: frame(FrameType.Priority, 0, 3, `${uint32Text(0)}\x10`),
    each: 50,
    seen: ["502"],
    counter: "http2.inbound_priority_frames_flood",
  },
  "WINDOW_UPDATE without end": {
    rest: windowUpdate(0, 1),
    each: 5,
    seen: ["502"],
    counter: "http2.inbound_window_update_frames_flood",
  },
  "a window beyond 2^31-1": {
    first: windowUpdate(1, 0x7fffffff),
    request: POST_EVIL,
    seen: ["502", "reset"],
    counter: "http2.tx_reset",
  },
  "a connection's window beyond 2^31-1": {
    first: windowUpdate(0, 0x7fffffff),
    seen: ["502"],
    counter: "upstream_cx_protocol_error",
  },
  "a window of nothing more": {
    first: windowUpdate(1, 0),
    seen: ["502"],
    counter: "http2.tx_reset",
  },
  "a promise that nobody asked for": {
    first: frame(FrameType.PushPromise, FrameFlag.EndHeaders, 1, uint32Text(2) + block(GET)),
    seen: ["502"],
    counter: "upstream_cx_protocol_error",
  },
  "a response on a stream that nobody opened": {
    first: headers(7, OK),
    seen: ["502"],
    counter: "upstream_cx_protocol_error",
  },
};

for (const [name, { first = "", rest = "", each = 1, seen, counter, request }] of Object.entries(
  ATTACKS,
)) {
  void test(`a host of HTTP/2 that sends ${name}`, async (t) => {
    const host = new EvilHttp2Host(t);
    const rig = await startAbuseRig(t, { evilPort: await host.port, evilCluster: http2Cluster() });
    const client = rig.attacker().send(request ?? GET_EVIL);
    await turnsUntil(() => host.peers[0]?.frames[FrameType.Headers] === 1);
    const evil = host.peers[0]!;
    evil.send(SETTINGS + first);
    const over = (): boolean => client.statuses.length + client.resetCodes.length >= seen.length;
    for (let sent = 0; rest !== "" && sent < 20_000 && !over() && !evil.ended; sent += each) {
      evil.send(rest.repeat(each));
      await rig.bystander.isServed();
    }
    await client.until(over);
    assert.deepEqual([...client.statuses, ...client.resetCodes.map(() => "reset")], seen);
    assert.equal(rig.proxy.stat(`cluster.evil.${counter}`), 1);
    assert.equal(client.goAwayCode, null);
    await turnsUntil(() => rig.proxy.stat("cluster.evil.upstream_rq_active") === 0);
    await rig.bystander.isServed();
    assertBelow(await rig.grownBytes(), MEMORY_BYTES);
  });
}

void test("a host that resets whatever it is asked", async (t) => {
  const host = new EvilHttp2Host(t);
  const rig = await startAbuseRig(t, { evilPort: await host.port, evilCluster: http2Cluster() });
  const client = rig.attacker();
  for (let i = 0; i < 300; i++) {
    client.send(headers(2 * i + 1, to(GET)));
    await turnsUntil(() => host.peers[0]?.frames[FrameType.Headers] === i + 1);
    const evil = host.peers[0]!;
    evil.send((i === 0 ? SETTINGS : "") + rstStream(2 * i + 1, CANCEL));
    await client.until(() => client.frames[FrameType.Headers] === i + 1);
    if (i % 50 === 0) await rig.bystander.isServed();
  }
  assert.deepEqual([...new Set(client.statuses)], ["503"]);
  assert.equal(rig.proxy.stat("cluster.evil.upstream_rq_rx_reset"), 300);
  assert.equal(rig.proxy.stat("cluster.evil.upstream_rq_active"), 0);
  assertBelow(await rig.grownBytes(), MEMORY_BYTES);
});

void test("a host that opens no window: the route's timeout ends it, and little waits", async (t) => {
  const host = new EvilHttp2Host(t);
  const route = ", timeout: 0.2s";
  const evilCluster = http2Cluster();
  const rig = await startAbuseRig(t, { evilPort: await host.port, evilCluster, route });
  const client = rig.attacker();
  client.send(headers(1, to(POST), false));
  await turnsUntil(() => host.peers[0]?.frames[FrameType.Headers] === 1);
  host.peers[0]!.send(settings([INITIAL_WINDOW_SIZE, 0]));
  // The window of the client's connection bounds what it can have the proxy keep.
  const piece = data(1, "x".repeat(16_000), false);
  for (let i = 0; i < 200; i++) client.send(piece);
  client.send(data(1, "x"));
  await client.until(() => client.statuses.length === 1);
  assert.deepEqual(client.statuses, ["504"]);
  assert.equal(host.peers[0]!.dataBytes, 0);
  await turnsUntil(() => rig.proxy.stat("cluster.evil.upstream_rq_active") === 0);
  assert.equal(rig.proxy.stat("cluster.evil.http2.pending_send_bytes"), 0);
  assertBelow(await rig.grownBytes(), MEMORY_BYTES);
});

void test("a host that says goodbye again and again while it serves, and counts once", async (t) => {
  const host = new EvilHttp2Host(t);
  const rig = await startAbuseRig(t, { evilPort: await host.port, evilCluster: http2Cluster() });
  const client = rig.attacker();
  let requests = "";
  for (let i = 0; i < 50; i++) requests += headers(2 * i + 1, to(GET));
  client.send(requests);
  await turnsUntil(() => host.peers[0]?.frames[FrameType.Headers] === 50);
  const evil = host.peers[0]!;
  evil.send(SETTINGS);
  evil.send(goAway(MAX_STREAM_ID, 0).repeat(50) + goAway(99, 0).repeat(50));
  for (let i = 0; i < 50; i++) evil.send(headers(2 * i + 1, OK));
  await client.until(() => client.statuses.length === 50);
  assert.deepEqual([...new Set(client.statuses)], ["200"]);
  assert.equal(rig.proxy.stat("cluster.evil.upstream_cx_close_notify"), 1);
});
