import { bucketLowerBound, bucketWidth } from "../histogram-arena.ts";
import type { Histogram } from "../histogram.ts";

/** How /stats shows histograms: quantiles, or buckets. */
export type HistogramBuckets = "summary" | "cumulative" | "disjoint" | "detailed";

/** The quantiles that are printed, 0 to 1. */
export const QUANTILES: readonly number[] = [0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999, 1];

/** The same in percent. */
export const PERCENTILES: readonly number[] = [0, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 100];

/** The values at `QUANTILES`. */
export function quantilesOf(histogram: Histogram): number[] {
  return QUANTILES.map((q) => histogram.quantile(q));
}

/** Values up to each bound, or between the bounds when `disjoint`. */
export function countsAt(
  histogram: Histogram,
  bounds: readonly number[],
  disjoint: boolean,
): number[] {
  const cumulative = bounds.map((bound) => histogram.countUpTo(bound));
  return disjoint ? cumulative.map((count, i) => count - (cumulative[i - 1] ?? 0)) : cumulative;
}

/** The histogram's own buckets: lower bound, width, values. */
export function detailsOf(
  histogram: Histogram,
): [lowerBound: number, width: number, count: number][] {
  return histogram.buckets.map((bucket, i) => [
    bucketLowerBound(bucket),
    bucketWidth(bucket),
    histogram.counts[i]!,
  ]);
}
