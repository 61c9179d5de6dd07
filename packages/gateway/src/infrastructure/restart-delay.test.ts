import assert from "node:assert/strict";
import { test } from "node:test";
import { RestartDelay } from "./restart-delay.ts";

test("a process waits longer each time it ends, and not so long when it has run well", () => {
  let now = 0;
  const delay = new RestartDelay({
    baseIntervalMs: 100,
    maxIntervalMs: 400,
    nowMs: () => now,
    random: () => 0.5,
  });
  const afterRunning = (ms: number): number => {
    delay.started();
    now += ms;
    return delay.nextMs();
  };
  assert.deepEqual([10, 10, 10, 10].map(afterRunning), [50, 100, 200, 200]);
  assert.equal(afterRunning(400), 200, "not longer than the longest wait");
  assert.equal(afterRunning(401), 50);
  assert.equal(afterRunning(10), 100);
});
