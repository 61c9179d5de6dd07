import assert from "node:assert/strict";
import { isIP } from "node:net";
import { test } from "node:test";
import fc from "fast-check";
import { parseIp } from "./ip-bytes.ts";

function bytesOf(text: string): number[] | null {
  const bytes = new Uint8Array(16).fill(9);
  const width = parseIp(text, bytes);
  return width === 0 ? null : [...bytes.subarray(0, width)];
}

void test("addresses become their bytes", () => {
  assert.deepEqual(bytesOf("10.0.200.255"), [10, 0, 200, 255]);
  assert.deepEqual(bytesOf("::"), Array(16).fill(0));
  assert.deepEqual(bytesOf("::1"), [...Array(15).fill(0), 1]);
  const documentation = [0x20, 0x01, 0x0d, 0xb8, ...Array(10).fill(0), 0xab, 0xcd];
  assert.deepEqual(bytesOf("2001:DB8::abcd"), documentation);
  assert.deepEqual(bytesOf("2001:db8:0:0:0:0:0:abcd"), documentation);
  assert.deepEqual(bytesOf("::ffff:1.2.3.4"), [...Array(10).fill(0), 255, 255, 1, 2, 3, 4]);
  assert.deepEqual(bytesOf("1:2:3:4:5:6:7::"), [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 0]);
});

void test("what is no address is none", () => {
  const texts =
    "|1.2.3|1.2.3.4.5|01.2.3.4|256.1.1.1|1..2.3|1.2.3.4:80|[::1]|::1%eth0|:::|1:2|1::2::3";
  for (const text of [
    ...texts.split("|"),
    "1:2:3:4:5:6:7:8:9",
    "12345::",
    "g::",
    ":1",
    "1:",
    "1.2.3.4::",
  ])
    assert.equal(bytesOf(text), null, text);
});

void test("an address is what Node takes for one", () => {
  const text = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.string({
      unit: fc.constantFrom("0", "0", "1", "9", "a", "f", ":", ":", ":", "."),
      maxLength: 24,
    }),
  );
  fc.assert(
    fc.property(text, (ip) => {
      assert.equal(bytesOf(ip)?.length ?? 0, { 0: 0, 4: 4, 6: 16 }[isIP(ip)]);
    }),
    { seed: 7, numRuns: 20_000 },
  );
});
