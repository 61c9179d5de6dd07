const PRIME_1 = 0x9e3779b185ebca87n;
const PRIME_2 = 0xc2b2ae3d27d4eb4fn;
const PRIME_3 = 0x165667b19e3779f9n;
const PRIME_4 = 0x85ebca77c2b2ae63n;
const PRIME_5 = 0x27d4eb2f165667c5n;
const STRIPE_BYTES = 32;

/**
 * xxHash64 of a byte string, as Envoy hashes (https://github.com/Cyan4973/xxHash, doc/xxhash_spec.md). The result is an
 * unsigned 64-bit number, `seed` one, too.
 */
export function xxHash64(text: string, seed: bigint): bigint {
  const bytes = Buffer.from(text, "latin1");
  let at = 0;
  let hash = seed + PRIME_5;
  if (bytes.length >= STRIPE_BYTES) {
    const lanes = [seed + PRIME_1 + PRIME_2, seed + PRIME_2, seed, seed - PRIME_1].map(wrap);
    for (; at + STRIPE_BYTES <= bytes.length; at += STRIPE_BYTES) {
      for (let lane = 0; lane < 4; lane++)
        lanes[lane] = round(lanes[lane]!, bytes.readBigUInt64LE(at + lane * 8));
    }
    hash =
      rotate(lanes[0]!, 1n) +
      rotate(lanes[1]!, 7n) +
      rotate(lanes[2]!, 12n) +
      rotate(lanes[3]!, 18n);
    for (const lane of lanes) hash = wrap((hash ^ round(0n, lane)) * PRIME_1 + PRIME_4);
  }
  return avalanche(tail(wrap(hash + BigInt(bytes.length)), bytes, at));
}

/** Takes in what is left behind the last whole stripe. */
function tail(hash: bigint, bytes: Buffer, at: number): bigint {
  for (; at + 8 <= bytes.length; at += 8)
    hash = wrap(rotate(hash ^ round(0n, bytes.readBigUInt64LE(at)), 27n) * PRIME_1 + PRIME_4);
  if (at + 4 <= bytes.length) {
    const word = BigInt(bytes.readUInt32LE(at));
    hash = wrap(rotate(hash ^ wrap(word * PRIME_1), 23n) * PRIME_2 + PRIME_3);
    at += 4;
  }
  for (; at < bytes.length; at++)
    hash = wrap(rotate(hash ^ wrap(BigInt(bytes[at]!) * PRIME_5), 11n) * PRIME_1);
  return hash;
}

function avalanche(hash: bigint): bigint {
  hash = wrap((hash ^ (hash >> 33n)) * PRIME_2);
  hash = wrap((hash ^ (hash >> 29n)) * PRIME_3);
  return hash ^ (hash >> 32n);
}

function round(lane: bigint, input: bigint): bigint {
  return wrap(rotate(wrap(lane + input * PRIME_2), 31n) * PRIME_1);
}

function rotate(value: bigint, bits: bigint): bigint {
  return wrap(value << bits) | (value >> (64n - bits));
}

function wrap(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}
