import assert from "node:assert/strict";
import { test } from "node:test";
import { RequestBudget } from "./request-budget.ts";

const BUFFER = Buffer.alloc(100);

/** How many requests may be begun now. */
function spend(budget: RequestBudget): number {
  let begun = 0;
  for (; !budget.exhausted; begun++) budget.onRequest();
  return begun;
}

void test("each read has its budget, which a turn of the loop renews", () => {
  const budget = new RequestBudget(3);
  budget.onRead(BUFFER, 50);
  assert.equal(spend(budget), 3);
  budget.onRead(BUFFER, 50);
  assert.equal(spend(budget), 3);
  budget.renew();
  assert.equal(spend(budget), 3);
});

void test("reads that fill the buffer follow each other without a turn, and share one budget", () => {
  const budget = new RequestBudget(3);
  budget.onRead(BUFFER, BUFFER.length);
  budget.onRequest();
  budget.onRead(BUFFER, 50);
  assert.equal(spend(budget), 2);
  budget.onRead(BUFFER, 50);
  assert.equal(spend(budget), 3);
});
