import assert from "node:assert/strict";
import { test } from "node:test";
import { median, Quantiles } from "./statistics.ts";

test("median", () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
  assert.ok(Number.isNaN(median([])));
});

test("quantiles", () => {
  const quantiles = new Quantiles(1000);
  for (let value = 1; value <= 100; value += 1) quantiles.add(value);
  assert.equal(quantiles.at(0.5), 50);
  assert.equal(quantiles.at(0.99), 99);
  assert.equal(quantiles.at(1), 100);
  quantiles.add(5000);
  assert.equal(quantiles.at(1), 1000);
  assert.equal(quantiles.total, 101);
});
