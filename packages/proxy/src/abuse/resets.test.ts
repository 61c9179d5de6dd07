import assert from "node:assert/strict";
import { test } from "node:test";
import { Http2ErrorCode } from "@nuncio/codec";
import {
  data,
  type Fields,
  frame,
  FrameType,
  GET,
  headers,
  POST,
  rstStream,
  uint32Text,
  windowUpdate,
} from "@nuncio/codec/testing/http2-frames";
import { turnsUntil } from "../testing/turns.ts";
import { assertBelow, attack, startAbuseRig } from "./testing/rig.ts";

const MEMORY_BYTES = 32 * 1024 * 1024;
const CALM = Http2ErrorCode.EnhanceYourCalm;
const CANCEL = Http2ErrorCode.Cancel;

const id = (i: number): number => 2 * i + 1;
const at = (path: string, fields: Fields = GET): Fields =>
  fields.map(([name, value]) => (name === ":path" ? [name, path] : [name, value]));

void test("rapid reset (CVE-2023-44487): half of 500 streams given up end the connection", async (t) => {
  const rig = await startAbuseRig(t);
  const attacker = rig.attacker();
  const hang = at("/hang");
  const request = (i: number): string => headers(id(i), hang) + rstStream(id(i), CANCEL);
  const sent = await attack(rig, attacker, 3000, 10, request);
  assert.ok(sent >= 250 && sent < 1000, String(sent));
  assert.equal(attacker.goAwayCode, CALM);
  assert.equal(rig.proxy.stat("http.in.downstream_rq_too_many_premature_resets"), 1);
  assert.equal(rig.proxy.stat("http.in.downstream_cx_protocol_error"), 1);
  assert.equal(rig.proxy.stat("http2.rx_reset"), 250);
  await turnsUntil(() => rig.proxy.stat("cluster.slow.upstream_rq_active") === 0);
  await rig.bystander.isServed();
  assertBelow(await rig.grownBytes(), MEMORY_BYTES);
});

void test("rapid reset in one packet: the connection ends in the midst of it", async (t) => {
  const rig = await startAbuseRig(t);
  const attacker = rig.attacker();
  const hang = at("/hang");
  await attack(rig, attacker, 3000, 3000, (i) => headers(id(i), hang) + rstStream(id(i), CANCEL));
  await attacker.until(() => attacker.goAwayCode !== null);
  assert.equal(rig.proxy.stat("http.in.downstream_rq_http2_total"), 250 + rig.bystander.served / 2);
  assert.equal(rig.proxy.stat("http.in.downstream_rq_too_many_premature_resets"), 1);
});

void test("streams given up behind their response count by number and time", async (t) => {
  const rig = await startAbuseRig(t);
  const attacker = rig.attacker();
  const none = at("/none", POST);
  const request = (i: number): string => headers(id(i), none, false) + rstStream(id(i), CANCEL);
  const sent = await attack(rig, attacker, 3000, 10, request);
  assert.ok(sent >= 1000 && sent < 2000, String(sent));
  assert.equal(attacker.goAwayCode, CALM);
  assert.equal(rig.proxy.stat("http.in.downstream_rq_too_many_premature_resets"), 0);
  assert.equal(rig.proxy.stat("http.in.downstream_cx_protocol_error"), 1);
  assertBelow(await rig.grownBytes(), MEMORY_BYTES);
});

/** What makes a server reset a stream that it was asked to serve (CVE-2025-8671), on a stream that is open. */
const MADE_RESETS: Readonly<Record<string, (streamId: number) => string>> = {
  "WINDOW_UPDATE of 0": (streamId) => windowUpdate(streamId, 0),
  "a window beyond 2^31-1": (streamId) => windowUpdate(streamId, 0x7fffffff),
  "PRIORITY that depends on itself": (streamId) =>
    frame(FrameType.Priority, 0, streamId, `${uint32Text(streamId)}\x10`),
  "PRIORITY of another size": (streamId) => frame(FrameType.Priority, 0, streamId, "1234"),
  "more DATA than content-length says": (streamId) => data(streamId, "123456", false),
  "less DATA than content-length says": (streamId) => data(streamId, "1"),
};

for (const [what, frames] of Object.entries(MADE_RESETS)) {
  void test(`made-you-reset by ${what}: a budget of streams, then GOAWAY`, async (t) => {
    const hcm = "http2_protocol_options: { override_stream_error_on_invalid_http_message: true }";
    const rig = await startAbuseRig(t, { hcm });
    const attacker = rig.attacker();
    const post: Fields = [...at("/hang", POST), ["content-length", "5"]];
    const made = (i: number): string => headers(id(i), post, false) + frames(id(i));
    const sent = await attack(rig, attacker, 3000, 10, made);
    assert.ok(sent > 200 && sent < 1000, String(sent));
    assert.equal(attacker.goAwayCode, CALM);
    const resets = rig.proxy.stat("http2.tx_reset")!;
    assert.ok(resets >= 200 && resets < 250, String(resets));
    assert.equal(rig.proxy.stat("http.in.downstream_cx_protocol_error"), 1);
    await turnsUntil(() => rig.proxy.stat("cluster.slow.upstream_rq_active") === 0);
    await rig.bystander.isServed();
    assertBelow(await rig.grownBytes(), MEMORY_BYTES);
  });
}

void test("made-you-reset by DATA behind END_STREAM: a budget of streams, then GOAWAY", async (t) => {
  const rig = await startAbuseRig(t);
  const attacker = rig.attacker();
  const hang = at("/hang");
  const sent = await attack(
    rig,
    attacker,
    3000,
    10,
    (i) => headers(id(i), hang) + data(id(i), "x"),
  );
  assert.ok(sent > 200 && sent < 1000, String(sent));
  assert.equal(attacker.resetCodes[0], Http2ErrorCode.StreamClosed);
  assert.equal(attacker.goAwayCode, CALM);
  await turnsUntil(() => rig.proxy.stat("cluster.slow.upstream_rq_active") === 0);
});

void test("made-you-reset by an invalid message: the connection ends with the first", async (t) => {
  const rig = await startAbuseRig(t);
  const attacker = rig.attacker();
  attacker.send(headers(1, [...at("/hang", POST), ["connection", "close"]], false));
  await attacker.until(() => false);
  assert.equal(attacker.goAwayCode, Http2ErrorCode.ProtocolError);
  assert.equal(rig.proxy.stat("http2.rx_messaging_error"), 1);
  await rig.bystander.isServed();
});

void test("2,500 streams that never end: 1,024 are open, the others are refused, too many end it", async (t) => {
  const rig = await startAbuseRig(t);
  const attacker = rig.attacker();
  const hang = at("/hang", POST);
  await attack(rig, attacker, 1500, 50, (i) => headers(id(i), hang, false));
  assert.equal(rig.proxy.stat("http2.streams_active"), 1024);
  assert.equal(rig.proxy.stat("http2.stream_refused_errors"), 1500 - 1024);
  assertBelow(await rig.grownBytes(), MEMORY_BYTES);
  const more = (i: number): string => headers(id(1500 + i), hang, false);
  const sent = await attack(rig, attacker, 1000, 50, more);
  assert.ok(sent > 500 && sent < 1000, String(sent));
  assert.equal(attacker.goAwayCode, CALM);
  await turnsUntil(() => rig.proxy.stat("cluster.slow.upstream_rq_active") === 0);
  assert.equal(rig.proxy.stat("http2.streams_active"), 0);
});
