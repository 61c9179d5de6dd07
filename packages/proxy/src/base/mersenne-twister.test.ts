import assert from "node:assert/strict";
import { test } from "node:test";
import { MersenneTwister } from "./mersenne-twister.ts";

void test("the numbers are those that the C++ standard demands of std::mt19937", () => {
  const twister = new MersenneTwister();
  twister.seed(5489);
  assert.equal(twister.next(), 3_499_211_612);
  for (let i = 2; i < 10_000; i++) twister.next();
  assert.equal(twister.next(), 4_123_659_995);
});

void test("a seed begins anew", () => {
  const twister = new MersenneTwister();
  twister.seed(7);
  const first = [twister.next(), twister.next()];
  twister.seed(7);
  assert.deepEqual([twister.next(), twister.next()], first);
});

void test("numbers below a limit are spread evenly", () => {
  const twister = new MersenneTwister();
  twister.seed(1);
  const seen = Array.from({ length: 6 }, () => 0);
  for (let i = 0; i < 60_000; i++) seen[twister.below(6)]! += 1;
  for (const count of seen) assert.ok(Math.abs(count - 10_000) < 500, String(seen));
});
