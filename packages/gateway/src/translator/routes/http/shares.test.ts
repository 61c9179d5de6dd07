import assert from "node:assert/strict";
import { test } from "node:test";
import { shares } from "./shares.ts";

/** What takes a request for which this number was drawn, as data planes ask. */
function taker(weights: readonly number[], drawn: number): number | undefined {
  return shares(weights.map((weight, value) => ({ value, weight }))).find(
    ({ fraction }) => fraction === undefined || drawn % fraction.denominator < fraction.numerator,
  )?.value;
}

test("each gets exactly its weight of the sum", () => {
  for (const weights of [[1], [1, 1], [1, 2, 3], [7, 0, 11, 13], [1, 1000], [0, 5]]) {
    const sum = weights.reduce((a, b) => a + b, 0);
    const got = weights.map(() => 0);
    for (let drawn = 0; drawn < sum; drawn++) got[taker(weights, drawn)!]! += 1;
    assert.deepEqual(got, weights);
  }
});

test("nobody has a weight: there are no shares", () => {
  assert.deepEqual(shares([{ value: "a", weight: 0 }]), []);
});
