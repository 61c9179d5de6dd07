import { parseIp } from "../../base/ip-bytes.ts";

/** A range of addresses of one family, with its place in the configuration's order. */
interface Range<T> {
  readonly start: bigint;
  readonly end: bigint;
  /** The length as configured; longer ranks first. */
  readonly bits: number;
  readonly index: number;
  readonly value: T;
}

/**
 * Which ranges hold an address. Ranges nest, so they cut the addresses into intervals that are each inside of the same
 * ranges: they are laid out in order at build, and an address is found by halving.
 */
export class IpIntervals<T> {
  readonly #v4: Family<T>;
  readonly #v6: Family<T>;

  /** `bits` beyond the address's length count as all of it. */
  constructor(
    ranges: readonly { readonly ip: string; readonly bits: number; readonly value: T }[],
  ) {
    const v4: Range<T>[] = [];
    const v6: Range<T>[] = [];
    for (const [index, { ip, bits, value }] of ranges.entries()) {
      const bytes = new Uint8Array(16);
      const width = parseIp(ip, bytes);
      const hostBits = BigInt(Math.max(width * 8 - bits, 0));
      const start = (toBigInt(bytes.subarray(0, width)) >> hostBits) << hostBits;
      const end = start + (1n << hostBits) - 1n;
      (width === 4 ? v4 : v6).push({ start, end, bits, index, value });
    }
    this.#v4 = new Family(v4, 4);
    this.#v6 = new Family(v6, 16);
  }

  /**
   * The values of the ranges that hold the address, longest range first, then in the order of the configuration; null when
   * none does, or when the text is no address.
   */
  find(ip: string): readonly T[] | null {
    const width = parseIp(ip, scratch);
    if (width === 0) return null;
    return (width === 4 ? this.#v4 : this.#v6).find(scratch);
  }
}

const scratch = new Uint8Array(16);

class Family<T> {
  readonly #width: number;
  /** The first address of each interval, ascending. */
  readonly #starts: Uint8Array;
  readonly #values: (readonly T[] | null)[] = [];

  constructor(ranges: readonly Range<T>[], width: number) {
    this.#width = width;
    const starts: bigint[] = [];
    const endOfSpace = 1n << BigInt(width * 8);
    for (const [start, values] of cut(ranges)) {
      if (start === endOfSpace) continue;
      starts.push(start);
      this.#values.push(values);
    }
    this.#starts = new Uint8Array(starts.length * width);
    for (const [number, start] of starts.entries()) {
      const hex = start.toString(16).padStart(width * 2, "0");
      this.#starts.set(Buffer.from(hex, "hex"), number * width);
    }
  }

  /** The interval that holds the address in the first bytes of `ip`. */
  find(ip: Uint8Array): readonly T[] | null {
    let low = 0;
    let high = this.#values.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#startsBehind(middle, ip)) high = middle;
      else low = middle + 1;
    }
    return low === 0 ? null : this.#values[low - 1]!;
  }

  #startsBehind(interval: number, ip: Uint8Array): boolean {
    const at = interval * this.#width;
    for (let i = 0; i < this.#width; i++) {
      const difference = this.#starts[at + i]! - ip[i]!;
      if (difference !== 0) return difference > 0;
    }
    return false;
  }
}

/** The intervals in ascending order: first address, and what holds there. */
function cut<T>(ranges: readonly Range<T>[]): Map<bigint, readonly T[] | null> {
  const outerFirst = ranges.toSorted((a, b) => compare(a.start, b.start) || compare(b.end, a.end));
  const intervals = new Map<bigint, readonly T[] | null>();
  const open: Range<T>[] = [];
  const closeUpTo = (start: bigint | null): void => {
    for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
      if (start !== null && top.end >= start) return;
      open.pop();
      intervals.set(top.end + 1n, ranked(open));
    }
  };
  for (const range of outerFirst) {
    closeUpTo(range.start);
    open.push(range);
    // An interval that ended just here gives way to this one.
    intervals.set(range.start, ranked(open));
  }
  closeUpTo(null);
  return intervals;
}

function ranked<T>(ranges: readonly Range<T>[]): readonly T[] | null {
  if (ranges.length === 0) return null;
  return ranges.toSorted((a, b) => b.bits - a.bits || a.index - b.index).map(({ value }) => value);
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function toBigInt(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return value;
}
