import assert from "node:assert/strict";
import { test } from "node:test";
import { HealthCache } from "./health-cache.ts";

void test("an answer is good for the rest of its period, on all threads", () => {
  let nowMs = 1_000;
  const config = { timeMs: 100, cell: new SharedArrayBuffer(4) };
  const [one, other] = [0, 1].map(() => new HealthCache(config, () => nowMs));
  assert.equal(one!.current, null);
  nowMs = 1_050;
  one!.set({ status: 503, degraded: true });
  assert.deepEqual(other!.current, { status: 503, degraded: true });
  nowMs = 1_099;
  assert.deepEqual(other!.current, { status: 503, degraded: true });
  nowMs = 1_100;
  assert.equal(one!.current, null);
  one!.set({ status: 200, degraded: false });
  assert.deepEqual(one!.current, { status: 200, degraded: false });
});

void test("the first period and one after millions of others are no different", () => {
  for (const nowMs of [0, 2 ** 20 - 1, 2 ** 20, 2 ** 40]) {
    const cache = new HealthCache({ timeMs: 1, cell: new SharedArrayBuffer(4) }, () => nowMs);
    assert.equal(cache.current, null);
    cache.set({ status: 204, degraded: false });
    assert.deepEqual(cache.current, { status: 204, degraded: false });
  }
});
