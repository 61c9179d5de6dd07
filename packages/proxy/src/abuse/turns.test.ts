import assert from "node:assert/strict";
import { test } from "node:test";
import {
  data,
  type Fields,
  frame,
  FrameFlag,
  FrameType,
  headers,
  POST,
} from "@nuncio/codec/testing/http2-frames";
import { RawClient } from "../testing/origin.ts";
import { startAbuseRig } from "./testing/rig.ts";

const HEAD = FrameFlag.EndHeaders | FrameFlag.EndStream;

/** GET /none of a.test in a few octets: the first request puts its path and host into the table, the others refer to it. */
function requests(count: number): string {
  let text = frame(FrameType.Headers, HEAD, 1, "\x82\x86\x44\x05/none\x41\x06a.test");
  for (let i = 1; i < count; i++)
    text += frame(FrameType.Headers, HEAD, 2 * i + 1, "\x82\x86\xbf\xbe");
  return text;
}

void test("thousands of requests in one read of HTTP/2 leave others their turns", async (t) => {
  const rig = await startAbuseRig(t);
  const attacker = rig.attacker();
  await attacker.until(() => attacker.acks === 1);
  const before = rig.proxy.stat("http.in.downstream_rq_total")!;
  attacker.send(requests(4500));
  await rig.bystander.isServed();
  const between = rig.proxy.stat("http.in.downstream_rq_total")! - before;
  assert.ok(between > 100 && between < 4500, String(between));
  await attacker.until(() => attacker.statuses.length === 4500);
  assert.equal(attacker.goAwayCode, null);
  assert.equal(rig.proxy.stat("http2.streams_active"), 0);
});

void test("thousands of pipelined requests in one read of HTTP/1 leave others their turns", async (t) => {
  const rig = await startAbuseRig(t);
  const client = new RawClient(rig.proxy.port("main"));
  t.after(() => client.close());
  const before = rig.proxy.stat("http.in.downstream_rq_total")!;
  client.send("GET /none HTTP/1.1\r\nhost: a\r\n\r\n".repeat(2000));
  await rig.bystander.isServed();
  const between = rig.proxy.stat("http.in.downstream_rq_total")! - before;
  assert.ok(between > 100 && between < 2000, String(between));
  const answered = (): number => client.received.split("HTTP/1.1 404").length - 1;
  await client.until(() => answered() === 2000);
  assert.equal(answered(), 2000);
  client.send("GET /ok HTTP/1.1\r\nhost: a\r\n\r\n");
  await client.until((received) => received.includes("HTTP/1.1 200"));
});

void test("a connection that closes while requests of it wait for their turn is let go", async (t) => {
  const rig = await startAbuseRig(t);
  const attacker = rig.attacker();
  await attacker.until(() => attacker.acks === 1);
  attacker.send(requests(4500));
  attacker.socket.destroySoon();
  const client = new RawClient(rig.proxy.port("main"));
  client.send("GET /none HTTP/1.1\r\nhost: a\r\n\r\n".repeat(2000));
  client.socket.destroySoon();
  while (rig.proxy.stat("http.in.downstream_cx_active") !== 2) await rig.bystander.isServed();
  assert.equal(rig.proxy.stat("http.in.downstream_rq_active"), 0);
  assert.deepEqual(rig.proxy.exceptions, []);
});

void test("a body of millions of tiny frames leaves others their turns", async (t) => {
  const rig = await startAbuseRig(t);
  const attacker = rig.attacker();
  await attacker.until(() => attacker.acks === 1);
  const path: Fields = POST.map(([name, value]) => [name, name === ":path" ? "/hang" : value]);
  const before = rig.proxy.stat("http.in.downstream_cx_rx_bytes_total")!;
  const frames = data(1, "x", false).repeat(400_000);
  attacker.send(headers(1, path, false) + frames);
  const readBytes = (): number => rig.proxy.stat("http.in.downstream_cx_rx_bytes_total")! - before;
  let served = 0;
  while (readBytes() < frames.length) {
    await rig.bystander.isServed();
    served++;
  }
  assert.ok(served >= 5, `served ${served} times`);
});
