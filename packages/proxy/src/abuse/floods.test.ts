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
  POST,
  settings,
  uint32Text,
  windowUpdate,
} from "@nuncio/codec/testing/http2-frames";
import { turnsUntil } from "../testing/turns.ts";
import { assertBelow, attack, startAbuseRig } from "./testing/rig.ts";

const MEMORY_BYTES = 32 * 1024 * 1024;
const CALM = Http2ErrorCode.EnhanceYourCalm;
const PING = frame(FrameType.Ping, 0, 0, "12345678");

const at = (path: string, fields: Fields = GET): Fields =>
  fields.map(([name, value]) => (name === ":path" ? [name, path] : [name, value]));
const OPEN = headers(1, at("/hang", POST), false);
const BEGUN = frame(FrameType.Headers, FrameFlag.EndStream, 1, block(at("/hang")));
/** Of an unknown type, answers to nothing, and goodbye again and again. */
const NOTHING: readonly string[] = [
  frame(0x42, 0xff, 7, ""),
  frame(FrameType.Ping, FrameFlag.Ack, 0, "12345678"),
  frame(FrameType.Settings, FrameFlag.Ack, 0, ""),
  goAway(0, 0),
];

/** A flood that ends its connection: what opens it, what is sent again and again, what it may cost, what counts it. */
interface Flood {
  readonly first?: string;
  readonly frames: (i: number) => string;
  /** Frames in a packet, and of all; far more than the limit. */
  readonly each: number;
  readonly count: number;
  readonly counter: string;
}

const FLOODS: Readonly<Record<string, Flood>> = {
  "CONTINUATION of 1 KiB (CVE-2024-27919)": {
    first: BEGUN,
    frames: () => frame(FrameType.Continuation, 0, 1, "\0\x01a\x01b".padEnd(1024, "\0\x01a\x01b")),
    each: 10,
    count: 2000,
    counter: "http2.header_overflow",
  },
  "CONTINUATION of one octet": {
    first: BEGUN,
    frames: () => frame(FrameType.Continuation, 0, 1, "\0"),
    each: 10,
    count: 2000,
    counter: "http2.header_overflow",
  },
  "CONTINUATION without anything": {
    first: BEGUN,
    frames: () => frame(FrameType.Continuation, 0, 1, ""),
    each: 1,
    count: 50,
    counter: "http2.inbound_empty_frames_flood",
  },
  "empty DATA (CVE-2019-9518)": {
    first: OPEN,
    frames: () => data(1, "", false),
    each: 1,
    count: 50,
    counter: "http2.inbound_empty_frames_flood",
  },
  "DATA of nothing but padding": {
    first: OPEN,
    frames: () => frame(FrameType.Data, FrameFlag.Padded, 1, "\xff".padEnd(256, "\0")),
    each: 1,
    count: 50,
    counter: "http2.inbound_empty_frames_flood",
  },
  "PRIORITY (CVE-2019-9513)": {
    frames: (i) => frame(FrameType.Priority, 0, 2 * i + 1, `${uint32Text(0)}\x10`),
    each: 10,
    count: 2000,
    counter: "http2.inbound_priority_frames_flood",
  },
  "WINDOW_UPDATE of the connection": {
    frames: () => windowUpdate(0, 1),
    each: 1,
    count: 50,
    counter: "http2.inbound_window_update_frames_flood",
  },
  "WINDOW_UPDATE of a stream": {
    first: OPEN,
    frames: () => windowUpdate(1, 1),
    each: 1,
    count: 50,
    counter: "http2.inbound_window_update_frames_flood",
  },
  "SETTINGS that are read (CVE-2019-9515)": {
    frames: () => settings([4, 1000]),
    each: 100,
    count: 20_000,
    counter: "http.in.downstream_cx_protocol_error",
  },
  "frames that mean nothing": {
    frames: (i) => NOTHING[i % NOTHING.length]!,
    each: 10,
    count: 20_000,
    counter: "http.in.downstream_cx_protocol_error",
  },
  "PING in one packet, more than may wait (CVE-2019-9512)": {
    frames: () => PING,
    each: 3000,
    count: 3000,
    counter: "http2.outbound_control_flood",
  },
};

for (const [name, { first = "", frames, each, count, counter }] of Object.entries(FLOODS)) {
  void test(`a flood of ${name} ends its connection`, async (t) => {
    const rig = await startAbuseRig(t);
    const attacker = rig.attacker();
    if (first !== "") attacker.send(first);
    const sent = await attack(rig, attacker, count, each, frames);
    await attacker.until(() => attacker.goAwayCode !== null);
    assert.ok(sent < count || each === count, `${sent} were sent`);
    assert.equal(attacker.goAwayCode, CALM);
    assert.equal(rig.proxy.stat(counter), 1);
    assert.equal(rig.proxy.stat("http2.goaway_sent"), 1);
    await rig.bystander.isServed();
    assertBelow(await rig.grownBytes(), MEMORY_BYTES);
  });
}

for (const [name, frames] of [
  ["PING", PING],
  ["SETTINGS", settings()],
] as const) {
  void test(`a flood of ${name} whose answers are not read ends its connection`, async (t) => {
    const rig = await startAbuseRig(t, { hcm: "delayed_close_timeout: 0.1s" });
    const attacker = rig.attacker();
    attacker.socket.pause();
    await turnsUntil(() => rig.proxy.stat("http.in.downstream_cx_http2_active") === 2);
    const ended = (): boolean => rig.proxy.stat("http.in.downstream_cx_http2_active") === 1;
    for (let sent = 0; sent < 1_000_000 && !ended(); sent += 500) {
      attacker.send(frames.repeat(500));
      await rig.bystander.isServed();
    }
    assert.ok(ended());
    assertBelow(await rig.grownBytes(), MEMORY_BYTES);
    const floods = rig.proxy.stat("http2.outbound_control_flood");
    // Of SETTINGS there is a budget as well, and the socket takes more answers than that.
    assert.equal(floods, name === "PING" ? 1 : 0);
  });
}

void test("as many PINGs as anybody likes are answered as long as the answers are read", async (t) => {
  const rig = await startAbuseRig(t);
  const attacker = rig.attacker();
  assert.equal(await attack(rig, attacker, 20_000, 200, () => PING), 20_000);
  await attacker.until(() => attacker.acks === 20_001);
  assert.equal(attacker.goAwayCode, null);
  assertBelow(await rig.grownBytes(), MEMORY_BYTES);
});

void test("an HPACK bomb ends its stream, unread; many of them their connection", async (t) => {
  const rig = await startAbuseRig(t);
  const attacker = rig.attacker();
  const entry = `\x40\x06x-bomb\x7f\xbd\x1d${"b".repeat(3900)}`;
  const bomb = (i: number): string => {
    const refs = "\xbe".repeat(12_000);
    const fields = block(at("/hang")) + entry + refs;
    return frame(FrameType.Headers, FrameFlag.EndHeaders | FrameFlag.EndStream, 2 * i + 1, fields);
  };
  const sent = await attack(rig, attacker, 1000, 5, bomb);
  assert.ok(sent > 200 && sent < 1000, String(sent));
  assert.equal(attacker.resetCodes[0], Http2ErrorCode.InternalError);
  assert.equal(attacker.goAwayCode, CALM);
  const tooLarge = rig.proxy.stat("http2.header_list_size_too_large")!;
  assert.equal(tooLarge, rig.proxy.stat("http2.tx_reset")! + 1);
  assertBelow(await rig.grownBytes(), MEMORY_BYTES);
});
