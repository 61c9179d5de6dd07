import assert from "node:assert/strict";
import { test } from "node:test";
import { Hash64 } from "./hash64.ts";
import { xxHash64 } from "./xx-hash64.ts";

void test("hashes are those of the reference implementation", () => {
  const fox = "The quick brown fox jumps over the lazy dog";
  const cases: readonly (readonly [text: string, seed: bigint, hash: bigint])[] = [
    ["", 0n, 17241709254077376921n],
    ["", 12345n, 10761433736200290445n],
    ["a", 0n, 15154266338359012955n],
    ["abcd", 1n, 17716243314014721363n],
    ["abcdefgh", 0n, 4238821247360054455n],
    ["\xff\x00\x80", 18446744073709551615n, 4814907121840832547n],
    [fox, 0n, 802816344064684476n],
    [fox, 7n, 8296357458231076661n],
    [fox.repeat(5), 9223372036854775808n, 1477175781473651442n],
  ];
  for (const [text, seed, expected] of cases) {
    const hash = new Hash64();
    hash.set(Number(BigInt.asIntN(32, seed >> 32n)), Number(BigInt.asIntN(32, seed)));
    xxHash64(text, hash);
    assert.equal(valueOf(hash), expected, text);
  }
});

function valueOf({ high, low }: Hash64): bigint {
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}
