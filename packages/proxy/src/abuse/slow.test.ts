import assert from "node:assert/strict";
import { test } from "node:test";
import {
  block,
  data,
  type Fields,
  frame,
  FrameType,
  GET,
  headers,
  POST,
  PREFACE,
} from "@nuncio/codec/testing/http2-frames";
import { FramePeer } from "../testing/frame-peer.ts";
import { RawClient } from "../testing/origin.ts";
import { turns, turnsUntil } from "../testing/turns.ts";
import { startAbuseRig, type AbuseRig } from "./testing/rig.ts";

const at = (path: string, fields: Fields): Fields =>
  fields.map(([name, value]) => [name, name === ":path" ? path : value]);
const SLOW_HEAD = `GET /ok HTTP/1.1\r\nhost: a.test\r\nx-slow: ${"s".repeat(50_000)}`;
/** The head of a HEADERS frame, and of its payload the first of many octets. */
const SLOW_FIELDS = frame(FrameType.Headers, 5, 1, block(at("/ok", GET)) + "\0".repeat(16_000));

/** Sends `text` an octet a turn until `done`. */
async function trickle(
  send: (octet: string) => void,
  text: string,
  done: () => boolean,
): Promise<void> {
  for (let i = 0; i < text.length && !done(); i++) {
    send(text[i]!);
    await turns(5);
  }
  assert.ok(done(), "nothing happened before the end of the text");
}

function http1(rig: AbuseRig, t: { after(close: () => void): void }): RawClient {
  const client = new RawClient(rig.proxy.port("main"));
  t.after(() => client.close());
  return client;
}

for (const [timeout, counter] of [
  ["request_headers_timeout: 0.1s", "downstream_rq_header_timeout"],
  ["stream_idle_timeout: 0.1s", "downstream_rq_idle_timeout"],
  ["request_timeout: 0.1s", "downstream_rq_timeout"],
] as const) {
  void test(`a head that comes an octet a turn, HTTP/1, ${timeout}`, async (t) => {
    const rig = await startAbuseRig(t, { hcm: timeout });
    const client = http1(rig, t);
    await trickle(
      (octet) => client.send(octet),
      SLOW_HEAD,
      () => client.received !== "",
    );
    assert.match(client.received, /^HTTP\/1.1 408 .*connection: close/s);
    assert.equal(rig.proxy.stat(`http.in.${counter}`), 1);
    await rig.bystander.isServed();
  });

  void test(`a head that comes an octet a turn, HTTP/2, ${timeout}`, async (t) => {
    const rig = await startAbuseRig(t, { hcm: timeout });
    const attacker = rig.attacker();
    const done = (): boolean => attacker.statuses.length > 0;
    await trickle((octet) => attacker.send(octet), SLOW_FIELDS, done);
    assert.deepEqual(attacker.statuses, ["408"]);
    assert.equal(rig.proxy.stat(`http.in.${counter}`), 1);
    await rig.bystander.isServed();
  });
}

void test("a body that comes an octet a turn: the whole request has its limit", async (t) => {
  const rig = await startAbuseRig(t, { hcm: "request_timeout: 0.1s" });
  const client = http1(rig, t);
  client.send("POST /hang HTTP/1.1\r\nhost: a.test\r\ncontent-length: 100000\r\n\r\n");
  const octets = "b".repeat(50_000);
  await trickle(
    (octet) => client.send(octet),
    octets,
    () => client.received !== "",
  );
  assert.match(client.received, /^HTTP\/1.1 408 /);
  const attacker = rig.attacker();
  attacker.send(headers(1, at("/hang", POST), false));
  const answered = (): boolean => attacker.statuses.length > 0;
  await trickle((octet) => attacker.send(data(1, octet, false)), octets, answered);
  assert.deepEqual(attacker.statuses, ["408"]);
  assert.equal(rig.proxy.stat("http.in.downstream_rq_timeout"), 2);
  await turnsUntil(() => rig.proxy.stat("cluster.slow.upstream_rq_active") === 0);
  await rig.bystander.isServed();
});

void test("a body that stops: the stream is idle", async (t) => {
  const rig = await startAbuseRig(t, { hcm: "stream_idle_timeout: 0.1s" });
  const client = http1(rig, t);
  client.send("POST /hang HTTP/1.1\r\nhost: a.test\r\ncontent-length: 10\r\n\r\nhalf");
  const attacker = rig.attacker();
  attacker.send(headers(1, at("/hang", POST), false) + data(1, "half", false));
  await client.until((received) => received !== "");
  await attacker.until(() => attacker.statuses.length > 0);
  assert.match(client.received, /^HTTP\/1.1 408 .*stream timeout$/s);
  assert.deepEqual(attacker.statuses, ["408"]);
  assert.equal(rig.proxy.stat("http.in.downstream_rq_idle_timeout"), 2);
});

void test("an answer that never comes: the stream is idle, and it was the host", async (t) => {
  const rig = await startAbuseRig(t, { hcm: "stream_idle_timeout: 0.1s" });
  const client = http1(rig, t);
  client.send("GET /hang HTTP/1.1\r\nhost: a.test\r\n\r\n");
  const attacker = rig.attacker();
  attacker.send(headers(1, at("/hang", GET)));
  await client.until((received) => received !== "");
  await attacker.until(() => attacker.statuses.length > 0);
  assert.match(client.received, /^HTTP\/1.1 504 /);
  assert.deepEqual(attacker.statuses, ["504"]);
});

/** What a client sends that no request is made of. */
const NOTHING: Readonly<Record<string, string>> = {
  "nothing at all": "",
  "a part of the preface": PREFACE.slice(0, 20),
  "a preface": PREFACE,
  "a part of a frame": `${PREFACE}\0\0`,
  "an answered request of HTTP/1": "GET /none HTTP/1.1\r\nhost: a\r\n\r\n",
  "an answered request of HTTP/2": PREFACE + headers(1, at("/none", GET)),
};

for (const [name, text] of Object.entries(NOTHING)) {
  void test(`a connection with ${name} is let go when it is idle`, async (t) => {
    const hcm = `common_http_protocol_options: { idle_timeout: 0.2s }
          drain_timeout: 0.1s
          delayed_close_timeout: 0.1s`;
    const rig = await startAbuseRig(t, { hcm });
    const attacker = FramePeer.connect(rig.proxy.port("main"));
    t.after(() => attacker.close());
    if (text !== "") attacker.send(text);
    await attacker.until(() => false);
    attacker.close();
    assert.ok(rig.proxy.stat("http.in.downstream_cx_idle_timeout")! >= 1);
    await turnsUntil(() => rig.proxy.stat("http.in.downstream_cx_active") === 0);
  });
}

void test("a response that nobody reads does not keep its connection from closing", async (t) => {
  const hcm = `stream_idle_timeout: 0.2s
          delayed_close_timeout: 0.1s`;
  const rig = await startAbuseRig(t, { hcm });
  const client = http1(rig, t);
  client.socket.pause();
  client.send("GET /endless HTTP/1.1\r\nhost: a.test\r\n\r\n");
  await turnsUntil(() => rig.proxy.stat("http.in.downstream_rq_idle_timeout") === 1);
  await turnsUntil(() => rig.proxy.stat("http.in.downstream_cx_delayed_close_timeout") === 1);
  assert.equal(rig.proxy.stat("http.in.downstream_cx_active"), 2);
});

void test("a client that does not close behind its refusal is let go", async (t) => {
  const rig = await startAbuseRig(t, { hcm: "delayed_close_timeout: 0.1s" });
  const client = http1(rig, t);
  client.send("this is no request\r\n\r\n");
  await turnsUntil(() => rig.proxy.stat("http.in.downstream_cx_delayed_close_timeout") === 1);
  assert.match(client.received, /^HTTP\/1.1 400 /);
  assert.equal(rig.proxy.stat("http.in.downstream_cx_active"), 2);
});
