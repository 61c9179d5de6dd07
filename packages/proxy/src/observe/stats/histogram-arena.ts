import type { StatsLimits } from "./memory.ts";

/** Buckets of one decade: two significant digits, 10 to 99. */
const DECADE = 90;
/** Decades of whole numbers from 1 on; the last takes everything above. */
const DECADES = 19;
/** Layout of one histogram: number of values, values that are 0, a pointer per decade. */
const HEADER_WORDS = 2 + DECADES;

const NEXT = 0;
const DROPPED = 1;
const POINTERS = 2;

/**
 * The histograms of one worker in one shared array. A histogram takes place with its first value and a decade
 * with its first value in it. The worker writes plain stores; main reads whenever it likes, and may be one
 * value behind.
 *
 * Buckets are those of Envoy's log-linear histogram (circllhist): 0, or two significant digits times a power of
 * ten. Values are whole numbers, as in Envoy: fractions are cut off.
 */
export class HistogramArena {
  readonly #words: Float64Array;
  readonly #histogramsMax: number;

  constructor(memory: SharedArrayBuffer, limits: StatsLimits) {
    this.#words = new Float64Array(memory);
    this.#histogramsMax = limits.statsHistogramsMax;
    if (this.#words[NEXT] === 0) this.#words[NEXT] = POINTERS + limits.statsHistogramsMax;
  }

  /** The bytes that `limits` ask for. */
  static bytes(limits: StatsLimits): number {
    return (POINTERS + limits.statsHistogramsMax + limits.statsHistogramWordsMax) * 8;
  }

  /** Values that found no place. */
  get dropped(): number {
    return this.#words[DROPPED]!;
  }

  record(histogram: number, value: number): void {
    const words = this.#words;
    let header = words[POINTERS + histogram]!;
    if (header === 0) {
      header = this.#allocate(HEADER_WORDS);
      if (header === 0) return;
      words[POINTERS + histogram] = header;
    }
    if (value >= 1) {
      let mantissa = Math.trunc(value);
      let decade = 0;
      if (mantissa < 10) {
        mantissa *= 10;
      } else {
        decade = 1;
        while (mantissa >= 100) {
          mantissa = Math.trunc(mantissa / 10);
          decade++;
        }
        if (decade >= DECADES) {
          decade = DECADES - 1;
          mantissa = 99;
        }
      }
      let block = words[header + 2 + decade]!;
      if (block === 0) {
        block = this.#allocate(DECADE);
        if (block === 0) return;
        words[header + 2 + decade] = block;
      }
      words[block + mantissa - 10]! += 1;
    } else {
      words[header + 1]! += 1;
    }
    words[header]! += 1;
  }

  /** The number of values so far; undefined before the first. */
  count(histogram: number): number | undefined {
    if (histogram >= this.#histogramsMax) return undefined;
    const header = this.#words[POINTERS + histogram]!;
    return header === 0 ? undefined : this.#words[header]! || undefined;
  }

  /** Adds every bucket that has values to `into`: number of the bucket (see `bucketLowerBound`) to values. */
  addTo(histogram: number, into: Map<number, number>): void {
    const words = this.#words;
    const header = words[POINTERS + histogram]!;
    if (header === 0) return;
    const zeros = words[header + 1]!;
    if (zeros > 0) into.set(0, (into.get(0) ?? 0) + zeros);
    for (let decade = 0; decade < DECADES; decade++) {
      const block = words[header + 2 + decade]!;
      if (block === 0) continue;
      for (let i = 0; i < DECADE; i++) {
        const count = words[block + i]!;
        if (count === 0) continue;
        const bucket = 1 + decade * DECADE + i;
        into.set(bucket, (into.get(bucket) ?? 0) + count);
      }
    }
  }

  /** Takes its values from a histogram; the place they had stays with it. Nobody may record into it meanwhile. */
  clear(histogram: number): void {
    const words = this.#words;
    const header = words[POINTERS + histogram]!;
    if (header === 0) return;
    for (let decade = 0; decade < DECADES; decade++) {
      const block = words[header + 2 + decade]!;
      if (block !== 0) words.fill(0, block, block + DECADE);
    }
    words.fill(0, header, header + 2);
  }

  #allocate(size: number): number {
    const words = this.#words;
    const start = words[NEXT]!;
    if (start + size > words.length) {
      words[DROPPED]! += 1;
      return 0;
    }
    words[NEXT] = start + size;
    return start;
  }
}

/** The smallest value of a bucket. Bucket 0 is the value 0, bucket 1 is [1, 1.1), bucket 91 is [10, 11) … */
export function bucketLowerBound(bucket: number): number {
  if (bucket === 0) return 0;
  const mantissa = 10 + ((bucket - 1) % DECADE);
  const decade = Math.trunc((bucket - 1) / DECADE);
  return decade === 0 ? mantissa / 10 : mantissa * 10 ** (decade - 1);
}

/** How wide a bucket is, in the unit of its values. */
export function bucketWidth(bucket: number): number {
  if (bucket === 0) return 0;
  const decade = Math.trunc((bucket - 1) / DECADE);
  return decade === 0 ? 0.1 : 10 ** (decade - 1);
}
