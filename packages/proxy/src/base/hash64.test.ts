import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Hash64 } from "./hash64.ts";

const wide = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

void test("arithmetic is that of 64-bit numbers", () => {
  fc.assert(
    fc.property(wide, wide, fc.integer({ min: 1, max: 31 }), (a, b, bits) => {
      const [high, low] = halves(b);
      check(a, (hash) => hash.add(high, low), a + b);
      check(a, (hash) => hash.multiply(high, low), a * b);
      check(a, (hash) => hash.xor(high, low), a ^ b);
      check(a, (hash) => hash.rotate(bits), (a << BigInt(bits)) | (a >> BigInt(64 - bits)));
    }),
    { seed: 64 },
  );
});

void test("a shift of every width", () => {
  fc.assert(
    fc.property(wide, fc.integer({ min: 1, max: 63 }), (a, bits) => {
      check(a, (hash) => hash.xorShifted(bits), a ^ (a >> BigInt(bits)));
    }),
    { seed: 64 },
  );
});

void test("remainders up to the largest divisor", () => {
  fc.assert(
    fc.property(wide, fc.integer({ min: 1, max: 2 ** 32 }), (a, divisor) => {
      assert.equal(hashOf(a).modulo(divisor), Number(a % BigInt(divisor)));
    }),
    { seed: 64 },
  );
});

void test("hexadecimal text has sixteen digits", () => {
  fc.assert(
    fc.property(wide, (a) => {
      assert.equal(hashOf(a).toHex(), a.toString(16).padStart(16, "0"));
    }),
    { seed: 64, examples: [[0n], [0x1_0000_0001n]] },
  );
});

function check(before: bigint, change: (hash: Hash64) => void, after: bigint): void {
  const hash = hashOf(before);
  change(hash);
  assert.equal(BigInt(`0x${hash.toHex()}`), BigInt.asUintN(64, after));
}

function hashOf(value: bigint): Hash64 {
  const hash = new Hash64();
  hash.set(...halves(value));
  return hash;
}

function halves(value: bigint): [high: number, low: number] {
  return [Number(value >> 32n), Number(value & 0xffff_ffffn)];
}
