import assert from "node:assert/strict";
import { test } from "node:test";
import {
  block,
  type Fields,
  frame,
  FrameFlag,
  FrameType,
  GET,
  headers,
  OK,
  SETTINGS,
} from "@nuncio/codec/testing/http2-frames";
import { RawClient } from "../testing/origin.ts";
import { turnsUntil } from "../testing/turns.ts";
import { EvilHttp2Host, http2Cluster, startEvilHost } from "./testing/evil-host.ts";
import { startAbuseRig } from "./testing/rig.ts";

/** Envoy's defaults: of requests, of responses of HTTP/2, of responses of HTTP/1, and of the number of headers in all of them. */
const LIMIT_BYTES = 60 * 1024;
const HTTP1_RESPONSE_LIMIT_BYTES = 80 * 1024;
const LIMIT_COUNT = 100;
const MAX_FRAME_BYTES = 16_384;

/** The size of a section in HTTP/2: names and values, nothing else. */
const sizeOf = (fields: Fields): number =>
  fields.reduce((sum, [name, value]) => sum + name.length + value.length, 0);

const none = (fields: Fields): Fields =>
  fields.map(([name, value]) => [name, name === ":path" ? "/none" : value]);
const evil = (fields: Fields): Fields =>
  fields.map(([name, value]) => [name, name === ":path" ? "/evil" : value]);

/** A section of exactly so many bytes. */
function sized(fields: Fields, bytes: number): Fields {
  return [...fields, ["x-large", "a".repeat(bytes - sizeOf(fields) - "x-large".length)]];
}

/** A section of exactly so many headers. */
function counted(fields: Fields, count: number): Fields {
  const more = Array.from({ length: count - fields.length }, (_, i) => [`x-${i}`, "a"] as const);
  return [...fields, ...more];
}

/** A section in as many frames as it takes. */
function section(streamId: number, fields: Fields): string {
  const text = block(fields);
  const { EndHeaders, EndStream } = FrameFlag;
  let frames = "";
  for (let at = 0; at < text.length; at += MAX_FRAME_BYTES) {
    const part = text.slice(at, at + MAX_FRAME_BYTES);
    const last = at + MAX_FRAME_BYTES >= text.length ? EndHeaders : 0;
    if (at === 0) frames += frame(FrameType.Headers, EndStream | last, streamId, part);
    else frames += frame(FrameType.Continuation, last, streamId, part);
  }
  return frames;
}

/** A head of HTTP/1 of exactly so many bytes, its end included. */
function sizedHead(start: string, bytes: number): string {
  const rest = "x-large: \r\n\r\n";
  return `${start}x-large: ${"a".repeat(bytes - start.length - rest.length)}\r\n\r\n`;
}

/** A head of HTTP/1 with exactly so many headers; `start` has one. */
function countedHead(start: string, count: number): string {
  let head = start;
  for (let i = 1; i < count; i++) head += `x-${i}: a\r\n`;
  return `${head}\r\n`;
}

void test("requests of HTTP/2 at their limits, and beyond", async (t) => {
  const rig = await startAbuseRig(t);
  const client = rig.attacker();
  client.send(section(1, sized(none(GET), LIMIT_BYTES)));
  client.send(section(3, counted(none(GET), LIMIT_COUNT)));
  await client.until(() => client.statuses.length === 2);
  assert.deepEqual(client.statuses, ["404", "404"]);
  client.send(section(5, sized(none(GET), LIMIT_BYTES + 1)));
  client.send(section(7, counted(none(GET), LIMIT_COUNT + 1)));
  await client.until(() => client.resetCodes.length === 2);
  assert.equal(rig.proxy.stat("http2.header_list_size_too_large"), 1);
  assert.equal(rig.proxy.stat("http2.header_overflow"), 1);
  client.send(headers(9, none(GET)));
  await client.until(() => client.statuses.length === 3);
  assert.equal(client.goAwayCode, null);
});

void test("requests of HTTP/1 at their limits, and beyond", async (t) => {
  const rig = await startAbuseRig(t);
  const start = "GET /none HTTP/1.1\r\nhost: a.test\r\n";
  for (const [head, status] of [
    [sizedHead(start, LIMIT_BYTES), 404],
    [countedHead(start, LIMIT_COUNT), 404],
    [sizedHead(start, LIMIT_BYTES + 1), 431],
    [countedHead(start, LIMIT_COUNT + 1), 431],
  ] as const) {
    const client = new RawClient(rig.proxy.port("main"));
    t.after(() => client.close());
    await client.send(head).until((received) => received !== "");
    assert.equal(client.received.slice(9, 12), String(status), `${head.length} bytes`);
  }
});

void test("responses of HTTP/2 at their limits, and beyond", async (t) => {
  const host = new EvilHttp2Host(t);
  const rig = await startAbuseRig(t, { evilPort: await host.port, evilCluster: http2Cluster() });
  const client = rig.attacker();
  const responses = [
    sized(OK, LIMIT_BYTES),
    counted(OK, LIMIT_COUNT),
    sized(OK, LIMIT_BYTES + 1),
    counted(OK, LIMIT_COUNT + 1),
  ];
  for (const [i, response] of responses.entries()) {
    const streamId = 2 * i + 1;
    client.send(headers(streamId, evil(GET)));
    await turnsUntil(() => host.peers[0]?.frames[FrameType.Headers] === i + 1);
    host.peers[0]!.send((i === 0 ? SETTINGS : "") + section(streamId, response));
    await client.until(() => client.statuses.length === i + 1);
  }
  assert.deepEqual(client.statuses, ["200", "200", "503", "503"]);
  assert.equal(rig.proxy.stat("cluster.evil.http2.header_list_size_too_large"), 1);
  assert.equal(rig.proxy.stat("cluster.evil.http2.header_overflow"), 1);
  assert.equal(host.peers.length, 1);
});

void test("responses of HTTP/1 at their limits, and beyond", async (t) => {
  const start = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n";
  for (const [head, status] of [
    [sizedHead(start, HTTP1_RESPONSE_LIMIT_BYTES), 200],
    [countedHead(start, LIMIT_COUNT), 200],
    [sizedHead(start, HTTP1_RESPONSE_LIMIT_BYTES + 1), 502],
    [countedHead(start, LIMIT_COUNT + 1), 502],
  ] as const) {
    const evilPort = await startEvilHost(t, (socket) =>
      socket.once("data", () => socket.write(head)),
    );
    const rig = await startAbuseRig(t, { evilPort });
    const client = new RawClient(rig.proxy.port("main"));
    t.after(() => client.close());
    client.send("GET /evil HTTP/1.1\r\nhost: a.test\r\n\r\n");
    await client.until((received) => received !== "");
    assert.equal(client.received.slice(9, 12), String(status), `${head.length} bytes`);
  }
});
