import assert from "node:assert/strict";
import { test } from "node:test";
import { readProxyHeader } from "../listener/filters/proxy-protocol/header.ts";
import type { Address } from "../observe/stream-info.ts";
import { ipAddress, pipeAddress } from "../transport/address.ts";
import { proxyProtocolHeader } from "./proxy-protocol-header.ts";

const CLIENT = ipAddress("10.1.2.3", 40_000);
const SERVER = ipAddress("10.0.0.1", 443);
const CLIENT6 = ipAddress("2001:db8::7", 40_000);
const SERVER6 = ipAddress("::1", 443);

void test("version 1 is a line", () => {
  const text = (source: Address, destination: Address): string =>
    proxyProtocolHeader(1, source, destination).toString("latin1");
  assert.equal(text(CLIENT, SERVER), "PROXY TCP4 10.1.2.3 10.0.0.1 40000 443\r\n");
  assert.equal(text(CLIENT6, SERVER6), "PROXY TCP6 2001:db8::7 ::1 40000 443\r\n");
  assert.equal(text(CLIENT, SERVER6), "PROXY UNKNOWN\r\n");
  assert.equal(text(pipeAddress("/a"), SERVER), "PROXY UNKNOWN\r\n");
});

void test("version 2 is binary", () => {
  assert.equal(
    proxyProtocolHeader(2, CLIENT, SERVER).toString("hex"),
    "0d0a0d0a000d0a515549540a2111000c0a0102030a0000019c4001bb",
  );
  assert.equal(
    proxyProtocolHeader(2, CLIENT, SERVER6).toString("hex"),
    "0d0a0d0a000d0a515549540a21000000",
  );
});

for (const version of [1, 2] as const) {
  void test(`version ${version} is read as it was written`, () => {
    for (const [source, destination] of [
      [CLIENT, SERVER],
      [CLIENT6, SERVER6],
    ] as const) {
      const header = proxyProtocolHeader(version, source, destination);
      const read = readProxyHeader(header, 0, header.length);
      assert.equal(read.kind, "found");
      assert.deepEqual(read.kind === "found" && read.addresses, { source, destination });
      assert.equal(read.kind === "found" && read.length, header.length);
    }
  });
}
