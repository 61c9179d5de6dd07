import { bucketLowerBound, bucketWidth } from "./histogram-arena.ts";

/** A histogram at one instant: the buckets that have values, in order. Immutable. */
export class Histogram {
  static readonly EMPTY: Histogram = new Histogram([], []);

  readonly buckets: readonly number[];
  readonly counts: readonly number[];
  readonly total: number;

  constructor(buckets: readonly number[], counts: readonly number[]) {
    this.buckets = buckets;
    this.counts = counts;
    this.total = counts.reduce((sum, count) => sum + count, 0);
  }

  static from(map: ReadonlyMap<number, number>): Histogram {
    const buckets = [...map.keys()].sort((a, b) => a - b);
    return new Histogram(
      buckets,
      buckets.map((bucket) => map.get(bucket)!),
    );
  }

  /** What came after `earlier`, an older state of the same histogram. */
  since(earlier: Histogram): Histogram {
    if (earlier.total === 0) return this;
    const before = new Map(earlier.buckets.map((bucket, i) => [bucket, earlier.counts[i]!]));
    const after = new Map<number, number>();
    for (let i = 0; i < this.buckets.length; i++) {
      const count = this.counts[i]! - (before.get(this.buckets[i]!) ?? 0);
      if (count > 0) after.set(this.buckets[i]!, count);
    }
    return Histogram.from(after);
  }

  /**
   * The value below which `q` (0 to 1) of the values are, assumed to be spread evenly over their bucket; NaN
   * without values. The same arithmetic as Envoy's, so the digits are the same.
   */
  quantile(q: number): number {
    if (this.total === 0) return Number.NaN;
    const rank = Math.max(1, Math.ceil(q * this.total));
    let before = 0;
    for (let i = 0; i < this.buckets.length; i++) {
      const count = this.counts[i]!;
      if (before + count >= rank) {
        const bucket = this.buckets[i]!;
        return bucketLowerBound(bucket) + bucketWidth(bucket) * ((rank - before) / (count + 1));
      }
      before += count;
    }
    return Number.NaN;
  }

  /** The sum of the values, each taken as the harmonic mean of its bucket's bounds, as Envoy does. */
  get sum(): number {
    let sum = 0;
    for (let i = 0; i < this.buckets.length; i++) {
      const lower = bucketLowerBound(this.buckets[i]!);
      if (lower === 0) continue;
      const upper = lower + bucketWidth(this.buckets[i]!);
      sum += ((2 * lower * upper) / (lower + upper)) * this.counts[i]!;
    }
    return sum;
  }

  /** How many values are in the buckets that begin at or below `bound`. */
  countUpTo(bound: number): number {
    let count = 0;
    for (let i = 0; i < this.buckets.length; i++) {
      if (bucketLowerBound(this.buckets[i]!) > bound) break;
      count += this.counts[i]!;
    }
    return count;
  }
}
