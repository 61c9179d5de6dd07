import assert from "node:assert/strict";
import { test } from "node:test";
import type { Bounds } from "./range-rules.ts";
import { boundsCheck } from "./range-rules.ts";

function accepted(bounds: Bounds<number>): number[] {
  const check = boundsCheck(bounds, (a, b) => a - b, String);
  return [0, 1, 2, 3, 4, 5, NaN].filter((value) => check?.(value) === undefined);
}

test("each combination of bounds takes its values", () => {
  assert.deepEqual(accepted({ lt: 2 }), [0, 1]);
  assert.deepEqual(accepted({ lte: 2 }), [0, 1, 2]);
  assert.deepEqual(accepted({ gt: 2 }), [3, 4, 5]);
  assert.deepEqual(accepted({ gte: 2 }), [2, 3, 4, 5]);
  assert.deepEqual(accepted({ gt: 1, lt: 4 }), [2, 3]);
  assert.deepEqual(accepted({ gte: 1, lte: 4 }), [1, 2, 3, 4]);
  assert.deepEqual(accepted({ gte: 1, lt: 4 }), [1, 2, 3]);
  assert.deepEqual(accepted({ gte: 2, lte: 2 }), [2]);
});

test("a lower bound above the upper one means outside", () => {
  assert.deepEqual(accepted({ gt: 4, lt: 1 }), [0, 5]);
  assert.deepEqual(accepted({ gte: 4, lte: 1 }), [0, 1, 4, 5]);
});

test("no bounds, no check", () => {
  assert.equal(
    boundsCheck({}, (a: number, b: number) => a - b, String),
    undefined,
  );
});
