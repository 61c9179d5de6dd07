import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import type { Socket } from "node:dgram";
import { once } from "node:events";
import { test } from "node:test";
import type { DnsLookupFamily } from "../definition.ts";
import { CaresResolver } from "./cares-resolver.ts";
import type { DnsAnswer } from "./dns-resolver.ts";
import { HostsFile } from "./hosts-file.ts";

const TYPE_A = 1;
const SERVFAIL = 2;
const NXDOMAIN = 3;

/** `A web.example` → address bytes, or a response code. A name that is not there does not exist. */
type Zone = Readonly<Record<string, readonly number[] | number>>;

/** A DNS server on loopback that knows `zone`; every answer lives for 42 seconds. */
async function serveDns(zone: Zone): Promise<Socket> {
  const socket = createSocket("udp4");
  socket.on("message", (query, peer) =>
    socket.send(answerTo(query, zone), peer.port, peer.address),
  );
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return socket;
}

/** RFC 1035 section 4. */
function answerTo(query: Buffer, zone: Zone): Buffer {
  const labels: string[] = [];
  let at = 12;
  for (; query[at] !== 0; at += 1 + query[at]!)
    labels.push(query.latin1Slice(at + 1, at + 1 + query[at]!));
  const type = query.readUInt16BE(at + 1);
  const question = query.subarray(12, at + 5);
  const name = labels.join(".");
  const exists = Object.keys(zone).some((key) => key.endsWith(` ${name}`));
  const record = zone[`${type === TYPE_A ? "A" : "AAAA"} ${name}`] ?? (exists ? [] : NXDOMAIN);
  const code = typeof record === "number" ? record : 0;
  const data = typeof record === "number" ? [] : record;
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8180 | code, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(data.length > 0 ? 1 : 0, 6);
  if (data.length === 0) return Buffer.concat([header, question]);
  const answer = Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 42, 0, data.length, ...data]);
  return Buffer.concat([header, question, answer]);
}

const ZONE: Zone = {
  "A web.example": [10, 0, 0, 1],
  "A six.example": [10, 0, 0, 2],
  "AAAA six.example": [...Array(15).fill(0), 1],
  "A broken.example": SERVFAIL,
  "AAAA broken.example": SERVFAIL,
  "A short.search.example": [10, 0, 0, 3],
};

function setup(socket: Socket) {
  const counts: Record<string, number> = {
    resolve_total: 0,
    not_found: 0,
    timeouts: 0,
    get_addr_failure: 0,
    pending: 0,
  };
  const resolver = new CaresResolver(
    {
      kind: "cares",
      servers: [`127.0.0.1:${socket.address().port}`],
      queryTimeoutMs: 500,
      queryTries: 1,
      searchDomains: true,
    },
    new HostsFile("/nonexistent/hosts", () => 0),
    { domains: ["search.example"], ndots: 1 },
    {
      onPending(change) {
        counts["pending"]! += change;
      },
      count(name) {
        counts[name]! += 1;
      },
    },
  );
  const resolve = (name: string, family: DnsLookupFamily): Promise<DnsAnswer> =>
    new Promise((done) => resolver.resolve(name, family, done));
  return { resolver, resolve, counts };
}

void test("asks a server, with times to live", async (context) => {
  const socket = await serveDns(ZONE);
  context.after(() => socket.close());
  const { resolve, counts } = setup(socket);
  const found = (ip: string, ttlS: number): DnsAnswer => ({
    status: "completed",
    addresses: [{ ip, ttlS }],
  });
  const nothing: DnsAnswer = { status: "completed", addresses: [] };
  assert.deepEqual(await resolve("web.example", "V4_ONLY"), found("10.0.0.1", 42));
  assert.deepEqual(await resolve("six.example", "AUTO"), found("::1", 42));
  assert.deepEqual(
    await resolve("short", "V4_ONLY"),
    found("10.0.0.3", 42),
    "completed by the search domain",
  );
  assert.deepEqual(counts, {
    resolve_total: 3,
    not_found: 0,
    timeouts: 0,
    get_addr_failure: 0,
    pending: 0,
  });
  assert.deepEqual(await resolve("web.example", "AUTO"), found("10.0.0.1", 42), "IPv4 after IPv6");
  assert.deepEqual(
    await resolve("nobody.example", "V4_ONLY"),
    nothing,
    "no such name is an answer",
  );
  assert.deepEqual(counts, {
    resolve_total: 6,
    not_found: 2,
    timeouts: 0,
    get_addr_failure: 0,
    pending: 0,
  });
  const failure: DnsAnswer = { status: "failure", reason: "ESERVFAIL" };
  assert.deepEqual(
    await resolve("broken.example", "V4_ONLY"),
    failure,
    "though no search domain has it",
  );
  assert.deepEqual(
    await resolve("10.9.9.9", "AUTO"),
    found("10.9.9.9", 0),
    "an address needs no server",
  );
  assert.deepEqual(await resolve("10.9.9.9", "V6_ONLY"), nothing);
  assert.deepEqual(await resolve("localhost", "AUTO"), found("::1", 0));
});

void test("a server that is not there is a failure", async () => {
  const socket = await serveDns(ZONE);
  const { resolve, counts } = setup(socket);
  socket.close();
  await once(socket, "close");
  const answer = await resolve("web.example.", "V4_ONLY");
  assert.equal(answer.status, "failure");
  assert.equal(counts["pending"], 0);
  assert.equal(counts["timeouts"]! + counts["get_addr_failure"]!, 1);
});

void test("a cancelled question is not answered", async (context) => {
  const socket = await serveDns(ZONE);
  context.after(() => socket.close());
  const { resolver, resolve, counts } = setup(socket);
  resolver.resolve("web.example", "V4_ONLY", () => assert.fail("cancelled"))();
  resolver.resolve("localhost", "V4_ONLY", () => assert.fail("cancelled"))();
  await resolve("six.example", "V4_ONLY");
  assert.equal(counts["pending"], 0);
});
