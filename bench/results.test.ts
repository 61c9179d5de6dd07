import assert from "node:assert/strict";
import { test } from "node:test";
import { medianRatio, middle } from "./results.ts";

test("ratios are taken within a round", () => {
  const samples = new Map([
    ["envoy" as const, [{ x: 10 }, { x: 100 }, { x: 20 }]],
    ["nuncio" as const, [{ x: 20 }, { x: 150 }, { x: 60 }]],
  ]);
  assert.equal(
    medianRatio(samples, "nuncio", ({ x }) => x),
    2,
  );
  assert.ok(Number.isNaN(medianRatio(samples, "nginx", ({ x }) => x)));
});

test("the middle of nothing is no number", () => {
  assert.equal(
    middle([{ x: 1 }, { x: 3 }], ({ x }) => x),
    2,
  );
  assert.ok(Number.isNaN(middle(undefined, ({ x }: { x: number }) => x)));
});
