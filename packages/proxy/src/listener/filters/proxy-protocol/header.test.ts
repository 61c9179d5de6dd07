import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readProxyHeader, type ProxyHeaderResult } from "./header.ts";

const SIGNATURE = Buffer.from("\r\n\r\n\0\r\nQUIT\n", "latin1");

function read(bytes: Buffer | string): ProxyHeaderResult {
  const buffer = Buffer.from(bytes as string, "latin1");
  return readProxyHeader(buffer, 0, buffer.length);
}

function v2(command: number, family: number, rest: Buffer): Buffer {
  const length = Buffer.of(rest.length >> 8, rest.length & 255);
  return Buffer.concat([SIGNATURE, Buffer.of(command, family), length, rest]);
}

function addressesOf(result: ProxyHeaderResult): string {
  if (result.kind !== "found") return result.kind;
  const { addresses } = result;
  return addresses === null ? "none" : `${addresses.source.text} ${addresses.destination.text}`;
}

const V4 = Buffer.of(1, 2, 3, 4, 5, 6, 7, 8, 0x04, 0x57, 0x08, 0xae);

void test("version 1", () => {
  assert.equal(
    addressesOf(read("PROXY TCP4 1.2.3.4 5.6.7.8 1111 2222\r\nrest")),
    "1.2.3.4:1111 5.6.7.8:2222",
  );
  assert.equal(
    addressesOf(read("PROXY TCP6 1:0:0:0:0:0:0:2 ::5 1111 2222\r\n")),
    "[1::2]:1111 [::5]:2222",
  );
  assert.equal(addressesOf(read("PROXY UNKNOWN\r\n")), "none");
  assert.equal(addressesOf(read("PROXY TCP4 1.2.3.4 5.6.7.8 1111 65536\r\n")), "error");
  assert.equal(addressesOf(read("PROXY TCP4 1.2.3.4 255.255.255.255 1 2\r\n")), "error");
  assert.equal(addressesOf(read("GET / HTTP/1.1\r\nHost: a\r\n\r\n")), "none");
  assert.equal(addressesOf(read(`PROXY UNKNOWN ${"x".repeat(200)}`)), "none");
});

void test("version 2", () => {
  assert.equal(addressesOf(read(v2(0x21, 0x11, V4))), "1.2.3.4:1111 5.6.7.8:2222");
  assert.equal(addressesOf(read(v2(0x20, 0x11, V4))), "none");
  assert.equal(addressesOf(read(v2(0x21, 0x31, Buffer.alloc(216)))), "error");
  assert.equal(addressesOf(read(v2(0x11, 0x11, V4))), "error");
  const six = Buffer.concat([Buffer.alloc(15), Buffer.of(1), Buffer.alloc(15), Buffer.of(2)]);
  const ports = Buffer.of(0, 80, 1, 187);
  assert.equal(
    addressesOf(read(v2(0x21, 0x21, Buffer.concat([six, ports])))),
    "[::1]:80 [::2]:443",
  );
});

void test("every beginning asks for more, or for so many bytes at least", () => {
  const line = Buffer.from("PROXY TCP4 1.2.3.4 5.6.7.8 1111 2222\r\n");
  const items = Buffer.concat([V4, Buffer.of(2, 0, 3), Buffer.from("abc")]);
  for (const header of [line, v2(0x21, 0x11, items)]) {
    for (let length = 1; length < header.length; length++) {
      const result = read(header.subarray(0, length));
      assert.equal(result.kind, "more", `after ${length} bytes`);
      if (length >= 16 && header !== line) {
        assert.equal(result.kind === "more" && result.neededBytes, header.length);
      }
    }
    const whole = read(header);
    assert.ok(whole.kind === "found" && whole.length === header.length);
  }
});

void test("any bytes come to an end", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(SIGNATURE, Buffer.from("PROXY TCP6 "), Buffer.alloc(0)),
      fc.uint8Array({ minLength: 1, maxLength: 300 }),
      (start, noise) => {
        const result = read(Buffer.concat([start, noise]));
        if (result.kind === "found") assert.ok(result.length <= start.length + noise.length);
      },
    ),
  );
});
