import { Hash64 } from "./hash64.ts";

const PRIME_1_HIGH = 0x9e3779b1;
const PRIME_1_LOW = 0x85ebca87;
const PRIME_2_HIGH = 0xc2b2ae3d;
const PRIME_2_LOW = 0x27d4eb4f;
const PRIME_3_HIGH = 0x165667b1;
const PRIME_3_LOW = 0x9e3779f9;
const PRIME_4_HIGH = 0x85ebca77;
const PRIME_4_LOW = 0xc2b2ae63;
const PRIME_5_HIGH = 0x27d4eb2f;
const PRIME_5_LOW = 0x165667c5;
const STRIPE_BYTES = 32;

/** Used by one call at a time. */
const LANES = [new Hash64(), new Hash64(), new Hash64(), new Hash64()] as const;
const TERM = new Hash64();

/**
 * xxHash64 of a byte string, one byte per character, as Envoy hashes
 * (https://github.com/Cyan4973/xxHash, doc/xxhash_spec.md). `hash` is the seed before and the result after it, so
 * that texts are chained by repeating the call.
 */
export function xxHash64(bytes: string, hash: Hash64): void {
  const { length } = bytes;
  let at = 0;
  if (length >= STRIPE_BYTES) at = takeStripes(bytes, hash);
  else hash.add(PRIME_5_HIGH, PRIME_5_LOW);
  hash.add(0, length);
  for (; at + 8 <= length; at += 8) {
    takeRound(TERM, 0, 0, wordAt(bytes, at + 4), wordAt(bytes, at));
    hash.xor(TERM.high, TERM.low);
    hash.rotate(27);
    hash.multiply(PRIME_1_HIGH, PRIME_1_LOW);
    hash.add(PRIME_4_HIGH, PRIME_4_LOW);
  }
  if (at + 4 <= length) {
    TERM.set(0, wordAt(bytes, at));
    TERM.multiply(PRIME_1_HIGH, PRIME_1_LOW);
    hash.xor(TERM.high, TERM.low);
    hash.rotate(23);
    hash.multiply(PRIME_2_HIGH, PRIME_2_LOW);
    hash.add(PRIME_3_HIGH, PRIME_3_LOW);
    at += 4;
  }
  for (; at < length; at++) {
    TERM.set(0, bytes.charCodeAt(at));
    TERM.multiply(PRIME_5_HIGH, PRIME_5_LOW);
    hash.xor(TERM.high, TERM.low);
    hash.rotate(11);
    hash.multiply(PRIME_1_HIGH, PRIME_1_LOW);
  }
  hash.xorShifted(33);
  hash.multiply(PRIME_2_HIGH, PRIME_2_LOW);
  hash.xorShifted(29);
  hash.multiply(PRIME_3_HIGH, PRIME_3_LOW);
  hash.xorShifted(32);
}

/** Takes in the whole stripes; where they end. */
function takeStripes(bytes: string, hash: Hash64): number {
  for (const lane of LANES) lane.copy(hash);
  LANES[0].add(PRIME_1_HIGH, PRIME_1_LOW);
  LANES[0].add(PRIME_2_HIGH, PRIME_2_LOW);
  LANES[1].add(PRIME_2_HIGH, PRIME_2_LOW);
  LANES[3].add(~PRIME_1_HIGH, -PRIME_1_LOW);
  let at = 0;
  for (; at + STRIPE_BYTES <= bytes.length; at += STRIPE_BYTES) {
    for (let i = 0; i < 4; i++) {
      const lane = LANES[i]!;
      const start = at + i * 8;
      takeRound(lane, lane.high, lane.low, wordAt(bytes, start + 4), wordAt(bytes, start));
    }
  }
  hash.set(0, 0);
  for (let i = 0; i < 4; i++) {
    TERM.copy(LANES[i]!);
    TERM.rotate(LANE_ROTATIONS[i]!);
    hash.add(TERM.high, TERM.low);
  }
  for (const lane of LANES) {
    takeRound(TERM, 0, 0, lane.high, lane.low);
    hash.xor(TERM.high, TERM.low);
    hash.multiply(PRIME_1_HIGH, PRIME_1_LOW);
    hash.add(PRIME_4_HIGH, PRIME_4_LOW);
  }
  return at;
}

const LANE_ROTATIONS = [1, 7, 12, 18];

/** `lane` becomes the accumulator with a word of 64 bits taken in. */
function takeRound(
  lane: Hash64,
  high: number,
  low: number,
  wordHigh: number,
  wordLow: number,
): void {
  lane.set(wordHigh, wordLow);
  lane.multiply(PRIME_2_HIGH, PRIME_2_LOW);
  lane.add(high, low);
  lane.rotate(31);
  lane.multiply(PRIME_1_HIGH, PRIME_1_LOW);
}

/** Four bytes, the lowest first. */
function wordAt(bytes: string, at: number): number {
  return (
    bytes.charCodeAt(at) |
    (bytes.charCodeAt(at + 1) << 8) |
    (bytes.charCodeAt(at + 2) << 16) |
    (bytes.charCodeAt(at + 3) << 24)
  );
}
