import { Hash64 } from "./hash64.ts";

const FACTOR_HIGH = 0xc6a4a793;
const FACTOR_LOW = 0x5bd1e995;
/** That of libstdc++'s `std::hash`, whose results Envoy keeps to. */
const SEED = 0xc70f6907;

/** Used by one call at a time. */
const WORD = new Hash64();

/** MurmurHash2 of a byte string, one byte per character, in its 64-bit form. `hash` is the result. */
export function murmurHash2(bytes: string, hash: Hash64): void {
  const { length } = bytes;
  hash.set(0, length);
  hash.multiply(FACTOR_HIGH, FACTOR_LOW);
  hash.xor(0, SEED);
  let at = 0;
  for (; at + 8 <= length; at += 8) {
    WORD.set(wordAt(bytes, at + 4, 4), wordAt(bytes, at, 4));
    WORD.multiply(FACTOR_HIGH, FACTOR_LOW);
    WORD.xorShifted(47);
    WORD.multiply(FACTOR_HIGH, FACTOR_LOW);
    hash.xor(WORD.high, WORD.low);
    hash.multiply(FACTOR_HIGH, FACTOR_LOW);
  }
  if (at < length) {
    const rest = length - at;
    hash.xor(wordAt(bytes, at + 4, rest - 4), wordAt(bytes, at, Math.min(4, rest)));
    hash.multiply(FACTOR_HIGH, FACTOR_LOW);
  }
  hash.xorShifted(47);
  hash.multiply(FACTOR_HIGH, FACTOR_LOW);
  hash.xorShifted(47);
}

/** `count` bytes, the lowest first; 0 for none. */
function wordAt(bytes: string, at: number, count: number): number {
  let word = 0;
  for (let i = 0; i < count; i++) word |= bytes.charCodeAt(at + i) << (8 * i);
  return word;
}
