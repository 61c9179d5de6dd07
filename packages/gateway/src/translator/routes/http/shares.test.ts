import assert from "node:assert/strict";
import { test } from "node:test";
import { shares } from "./shares.ts";

/** What each gets of 1, as a fraction: of what comes by, times what was let by before. */
function portions(weights: readonly number[]) {
  let [left, of] = [1n, 1n];
  return shares(weights.map((weight, value) => ({ value, weight }))).map(({ value, fraction }) => {
    const [n, d] =
      fraction === undefined ? [1n, 1n] : [fraction.numerator, fraction.denominator].map(BigInt);
    const portion = { value, numerator: left * n!, denominator: of * d! };
    [left, of] = [left * (d! - n!), of * d!];
    return portion;
  });
}

test("each gets exactly its weight of the sum", () => {
  for (const weights of [[1], [1, 1], [1, 2, 3], [7, 0, 11, 13], [1, 1_000_000], [0, 5]]) {
    const sum = BigInt(weights.reduce((a, b) => a + b, 0));
    const got = portions(weights);
    assert.deepEqual(
      got.map(({ value }) => value),
      weights.flatMap((weight, i) => (weight > 0 ? [i] : [])),
    );
    for (const { value, numerator, denominator } of got)
      assert.equal(
        numerator * sum,
        BigInt(weights[value]!) * denominator,
        `${weights.join()} ${value}`,
      );
  }
});

test("nobody has a weight: there are no shares", () => {
  assert.deepEqual(shares([{ value: "a", weight: 0 }]), []);
});
