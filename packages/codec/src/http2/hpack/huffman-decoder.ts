import {
  CODE_COUNTS,
  CODE_LENGTHS,
  CODES,
  END_OF_STRING,
  FIRST_CODES,
  FIRST_PLACES,
  LONGEST_CODE_BITS,
  SYMBOLS_IN_ORDER,
} from "./huffman-code.ts";

/** `decodeHuffman` returns one of these instead of a length. */
const HUFFMAN_INVALID = -1;
export const HUFFMAN_TOO_LONG = -2;
/** `to` must have this much more room than the limit says. */
export const HUFFMAN_SLACK_BYTES = 2;

/** Bits that are looked up at once: enough for two of the usual symbols, and a table that stays in the first cache. */
const LOOKUP_BITS = 12;
const LOOKUP_MASK = (1 << LOOKUP_BITS) - 1;
const BITS_SHIFT = 16;
const TWO = 1 << 24;

/**
 * By the next bits: the first symbol, in the next octet the second one, then the bits of both together, and `TWO` when there
 * is a second one. 0 when the code is longer than the look-up.
 */
const LOOKUP = new Int32Array(1 << LOOKUP_BITS);
for (let bits = 0; bits < LOOKUP.length; bits++) {
  const first = symbolAt(bits, LOOKUP_BITS);
  if (first < 0) continue;
  const firstBits = CODE_LENGTHS[first]!;
  const second = symbolAt(bits, LOOKUP_BITS - firstBits);
  LOOKUP[bits] =
    second < 0
      ? first | (firstBits << BITS_SHIFT)
      : first | (second << 8) | ((firstBits + CODE_LENGTHS[second]!) << BITS_SHIFT) | TWO;
}

/** The symbol whose code stands at the top of the lowest `count` of `bits`; -1 when none is whole. */
function symbolAt(bits: number, count: number): number {
  const rest = bits & ((1 << count) - 1);
  for (let symbol = 0; symbol < END_OF_STRING; symbol++) {
    const length = CODE_LENGTHS[symbol]!;
    if (length <= count && rest >>> (count - length) === CODES[symbol]) return symbol;
  }
  return -1;
}

/**
 * Decodes a Huffman string (RFC 7541 5.2) into `to`, which has room for `limitBytes` and `HUFFMAN_SLACK_BYTES`. Returns its
 * length or one of the negative numbers above. The padding must be less than an octet of ones.
 */
export function decodeHuffman(
  from: Uint8Array,
  start: number,
  end: number,
  to: Uint8Array,
  limitBytes: number,
): number {
  let at = start;
  let length = 0;
  // The lowest `count` bits of `bits` are still to be read; what stands above them is stale.
  let bits = 0;
  let count = 0;
  for (;;) {
    if (count < LOOKUP_BITS) {
      if (at < end) {
        bits = (bits << 8) | from[at++]!;
        count += 8;
      }
      if (count < LOOKUP_BITS) {
        if (at < end) {
          bits = (bits << 8) | from[at++]!;
          count += 8;
        } else {
          return decodeTail(bits, count, to, length, limitBytes);
        }
      }
    }
    const entry = LOOKUP[(bits >>> (count - LOOKUP_BITS)) & LOOKUP_MASK]!;
    if (length > limitBytes) return HUFFMAN_TOO_LONG;
    if (entry !== 0) {
      to[length] = entry;
      to[length + 1] = entry >>> 8;
      count -= (entry >>> BITS_SHIFT) & 0xff;
      length += entry >= TWO ? 2 : 1;
      continue;
    }
    // A rare symbol: bit by bit.
    let code = 0;
    let codeBits = 0;
    let symbol = -1;
    while (symbol < 0) {
      if (count === 0) {
        if (at === end) return HUFFMAN_INVALID;
        bits = from[at++]!;
        count = 8;
      }
      code = (code << 1) | ((bits >>> --count) & 1);
      codeBits++;
      const offset = code - FIRST_CODES[codeBits]!;
      if (offset < CODE_COUNTS[codeBits]!)
        symbol = SYMBOLS_IN_ORDER[FIRST_PLACES[codeBits]! + offset]!;
      else if (codeBits === LONGEST_CODE_BITS) return HUFFMAN_INVALID;
    }
    if (symbol === END_OF_STRING) return HUFFMAN_INVALID;
    to[length++] = symbol;
  }
}

/** The last bits, fewer than a look-up: whole symbols, then padding. */
function decodeTail(
  bits: number,
  bitCount: number,
  to: Uint8Array,
  start: number,
  limitBytes: number,
): number {
  let count = bitCount;
  let length = start;
  for (;;) {
    const missing = LOOKUP_BITS - count;
    const entry = LOOKUP[((bits << missing) | ((1 << missing) - 1)) & LOOKUP_MASK]!;
    const symbol = entry & 0xff;
    const symbolBits = CODE_LENGTHS[symbol]!;
    if (entry === 0 || symbolBits > count) break;
    if (length > limitBytes) return HUFFMAN_TOO_LONG;
    to[length++] = symbol;
    count -= symbolBits;
  }
  const ones = (1 << count) - 1;
  if (count > 7 || (bits & ones) !== ones) return HUFFMAN_INVALID;
  return length > limitBytes ? HUFFMAN_TOO_LONG : length;
}
