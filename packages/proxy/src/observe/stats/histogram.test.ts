import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bucketLowerBound, bucketWidth, HistogramArena } from "./histogram-arena.ts";
import { Histogram } from "./histogram.ts";

const LIMITS = {
  statsSlotsMax: 16,
  statsDynamicSlotsMax: 1,
  statsHistogramsMax: 2,
  statsDynamicHistogramsMax: 0,
  statsHistogramWordsMax: 10_000,
};

function record(...values: number[]): Histogram {
  const arena = new HistogramArena(new SharedArrayBuffer(HistogramArena.bytes(LIMITS)), LIMITS);
  for (const value of values) arena.record(1, value);
  const map = new Map<number, number>();
  arena.addTo(1, map);
  return Histogram.from(map);
}

function times(count: number, value: number): number[] {
  return Array<number>(count).fill(value);
}

describe("HistogramArena", () => {
  it("keeps two significant digits", () => {
    const lowerBounds = [
      [1, 1],
      [9, 9],
      [10, 10],
      [11, 11],
      [99, 99],
      [100, 100],
      [109, 100],
      [110, 110],
      [999, 990],
      [123_456, 120_000],
      [5_000_000_000, 5_000_000_000],
    ] as const;
    for (const [value, lower] of lowerBounds) {
      const histogram = record(value);
      assert.equal(histogram.buckets.length, 1);
      assert.equal(bucketLowerBound(histogram.buckets[0]!), lower);
      assert.ok(value < lower + bucketWidth(histogram.buckets[0]!), `${value}`);
    }
  });

  it("cuts fractions off, and takes what is below 1 or no number as 0", () => {
    assert.deepEqual(record(0, 0.9, -5, Number.NaN).buckets, [0]);
    assert.deepEqual(record(1.99).buckets, record(1).buckets);
  });

  it("puts what is too large into the last bucket", () => {
    assert.deepEqual(record(1e300, Number.MAX_VALUE).counts, [2]);
  });

  it("counts nothing for a histogram without values", () => {
    const arena = new HistogramArena(new SharedArrayBuffer(HistogramArena.bytes(LIMITS)), LIMITS);
    assert.equal(arena.count(0), undefined);
    arena.record(0, 3);
    assert.equal(arena.count(0), 1);
    assert.equal(arena.count(1), undefined);
    assert.equal(arena.dropped, 0);
  });
});

// The digits below were printed by Envoy 1.40 for the same values.
describe("Histogram", () => {
  it("has Envoy's quantiles", () => {
    const rqTime = record(...times(6, 0), ...times(3, 1), 5);
    const quantiles = [0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999, 1];
    assert.deepEqual(
      quantiles.map((q) => rqTime.quantile(q)),
      [0, 0, 0, 1.05, 1.075, 5.05, 5.05, 5.05, 5.05, 5.05],
    );
    const cxLength = record(...times(13, 1), 2, 6);
    assert.deepEqual(
      quantiles.slice(0, 6).map((q) => cxLength.quantile(q)),
      [1.0071428571428571, 1.0285714285714285, 1.0571428571428572, 1.0857142857142856, 2.05, 6.05],
    );
    assert.equal(record(25).quantile(0.5), 25.5);
    assert.ok(Number.isNaN(Histogram.EMPTY.quantile(0.5)));
  });

  it("has Envoy's sum", () => {
    assert.equal(
      record(...times(6, 0), ...times(3, 1), 5).sum.toPrecision(17),
      "8.1923620933521928",
    );
    assert.equal(record(25).sum.toPrecision(17), "25.490196078431371");
  });

  it("counts a bucket that begins at the bound", () => {
    const histogram = record(0, 25, 26);
    assert.deepEqual(
      [0.5, 10, 25, 50].map((bound) => histogram.countUpTo(bound)),
      [1, 1, 2, 3],
    );
  });
});
