import assert from "node:assert/strict";
import type net from "node:net";
import { test } from "node:test";
import { RawClient } from "../testing/origin.ts";
import { turnsUntil } from "../testing/turns.ts";
import { startEvilHost } from "./testing/evil-host.ts";
import { assertBelow, startAbuseRig } from "./testing/rig.ts";

const MEMORY_BYTES = 32 * 1024 * 1024;
const REQUEST = "GET /evil HTTP/1.1\r\nhost: a.test\r\n\r\n";
const CHUNKED = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

/** What a host of HTTP/1 answers: once, then again and again. What the client gets begins with `seen`. */
interface Attack {
  readonly first: string;
  readonly rest: string;
  readonly seen: RegExp;
}

const ATTACKS: Readonly<Record<string, Attack>> = {
  "a status line without end": {
    first: "HTTP/1.1 200 ",
    rest: "O".repeat(1000),
    seen: /^HTTP\/1.1 502 /,
  },
  "headers without end": {
    first: "HTTP/1.1 200 OK\r\n",
    rest: `x-a: ${"a".repeat(1000)}\r\n`,
    seen: /^HTTP\/1.1 502 /,
  },
  "a header without end": {
    first: "HTTP/1.1 200 OK\r\nx-a: ",
    rest: "a".repeat(1000),
    seen: /^HTTP\/1.1 502 /,
  },
  "informational responses without end": {
    first: "",
    rest: "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(20),
    seen: /^HTTP\/1.1 502 /,
  },
  "a chunk's extension without end": {
    first: `${CHUNKED}5;`,
    rest: "e".repeat(1000),
    seen: /^HTTP\/1.1 200 /,
  },
  "a chunk's size without end": {
    first: CHUNKED,
    rest: "0".repeat(1000),
    seen: /^HTTP\/1.1 200 /,
  },
  "trailers without end": {
    first: `${CHUNKED}1\r\nx\r\n0\r\n`,
    rest: `x-a: ${"a".repeat(1000)}\r\n`,
    seen: /^HTTP\/1.1 200 /,
  },
};

for (const [name, { first, rest, seen }] of Object.entries(ATTACKS)) {
  void test(`a host of HTTP/1 that sends ${name}`, async (t) => {
    const sockets: net.Socket[] = [];
    const asked = (): boolean => (sockets[0]?.bytesRead ?? 0) > 0;
    const evilPort = await startEvilHost(t, (socket) => {
      socket.resume();
      socket.on("end", () => socket.destroy());
      sockets.push(socket);
    });
    const rig = await startAbuseRig(t, { evilPort });
    const client = new RawClient(rig.proxy.port("main"));
    t.after(() => client.close());
    client.send(REQUEST);
    await turnsUntil(asked);
    const evil = sockets[0]!;
    evil.write(first);
    for (let sent = 0; sent < 5000 && !evil.closed; sent++) {
      evil.write(rest);
      await rig.bystander.isServed();
    }
    assert.ok(evil.closed);
    await client.until((received) => received !== "");
    assert.match(client.received, seen);
    assert.equal(rig.proxy.stat("cluster.evil.upstream_cx_protocol_error"), 1);
    await turnsUntil(() => rig.proxy.stat("cluster.evil.upstream_rq_active") === 0);
    assertBelow(await rig.grownBytes(), MEMORY_BYTES);
  });
}

void test("a host that goes on behind its response is heard no more", async (t) => {
  const sockets: net.Socket[] = [];
  const evilPort = await startEvilHost(t, (socket) => {
    sockets.push(socket);
    socket.once("data", () => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok${"x".repeat(100_000)}`);
    });
  });
  const rig = await startAbuseRig(t, { evilPort });
  const client = new RawClient(rig.proxy.port("main"));
  t.after(() => client.close());
  for (let i = 1; i <= 20; i++) {
    client.send(REQUEST);
    await client.until((received) => received.split("\r\n\r\nok").length === i + 1);
    await rig.bystander.isServed();
  }
  assert.equal(sockets.length, 20);
  assert.doesNotMatch(client.received, /okx/);
});
