import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Fields,
  GET,
  headers,
  settings,
  windowUpdate,
} from "@nuncio/codec/testing/http2-frames";
import { RawClient } from "../testing/origin.ts";
import { turns } from "../testing/turns.ts";
import { assertBelow, startAbuseRig, type AbuseRig } from "./testing/rig.ts";

const MIB = 1024 * 1024;
const MAX_WINDOW = 0x7fffffff;
const INITIAL_WINDOW_SIZE = 4;
const ENDLESS: Fields = GET.map(([name, value]) => [name, name === ":path" ? "/endless" : value]);

function requests(count: number): string {
  let text = "";
  for (let i = 0; i < count; i++) text += headers(2 * i + 1, ENDLESS);
  return text;
}

/** Waits until the origin of endless responses is not read any more. Somebody else is served all the while. */
async function untilStuck(rig: AbuseRig, streams: number): Promise<void> {
  let before = -1;
  const active = (): boolean => rig.proxy.stat("cluster.slow.upstream_rq_active") === streams;
  while (!active() || before !== rig.endlessBytes()) {
    before = rig.endlessBytes();
    for (let i = 0; i < 20; i++) await rig.bystander.isServed();
    await turns(100);
  }
}

void test("a client with large windows that reads nothing: its upstreams are not read on", async (t) => {
  const rig = await startAbuseRig(t);
  const attacker = rig.attacker();
  attacker.send(settings([INITIAL_WINDOW_SIZE, MAX_WINDOW]));
  attacker.send(windowUpdate(0, MAX_WINDOW - 65_535));
  attacker.socket.pause();
  attacker.send(requests(100));
  await untilStuck(rig, 100);
  const paused = rig.proxy.stat("cluster.slow.upstream_flow_control_paused_reading_total")!;
  assert.ok(paused >= 100, String(paused));
  assertBelow(await rig.grownBytes(), 64 * MIB);
});

void test("a client that opens no window: less waits for each of its many streams", async (t) => {
  const rig = await startAbuseRig(t);
  const attacker = rig.attacker();
  attacker.send(settings([INITIAL_WINDOW_SIZE, 0]));
  attacker.send(requests(300));
  await untilStuck(rig, 300);
  assert.equal(attacker.dataBytes, 0);
  const waiting = rig.proxy.stat("http2.pending_send_bytes")!;
  assert.ok(waiting > 16 * MIB && waiting < 100 * MIB, String(waiting));
  assertBelow(await rig.grownBytes(), 128 * MIB);
  // It is slow, not forgotten: what it lets in comes.
  attacker.send(windowUpdate(301, 100_000));
  await attacker.until(() => attacker.dataBytes >= 65_535);
  attacker.close();
  while (rig.proxy.stat("http2.pending_send_bytes") !== 0) await rig.bystander.isServed();
  assertBelow(await rig.grownBytes(), 64 * MIB);
});

void test("clients of HTTP/1 that read nothing: their upstreams are not read on", async (t) => {
  const rig = await startAbuseRig(t);
  for (let i = 0; i < 20; i++) {
    const client = new RawClient(rig.proxy.port("main"));
    t.after(() => client.close());
    client.socket.pause();
    client.send("GET /endless HTTP/1.1\r\nhost: a.test\r\n\r\n");
  }
  await untilStuck(rig, 20);
  assertBelow(await rig.grownBytes(), 64 * MIB);
});
