import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "./clock.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

test("a timer of months does not fire at once", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { setTimeout: mocked } = globalThis;
  const delays: number[] = [];
  context.mock.method(globalThis, "setTimeout", (callback: () => void, delayMs: number) => {
    delays.push(delayMs);
    return mocked(callback, delayMs);
  });
  let fired = 0;
  systemClock.setTimer(60 * DAY_MS, () => (fired += 1));
  // Mocked time stands at the end of a tick already when a timer of that tick sets the next one.
  for (let part = 0; part < 2; part += 1) context.mock.timers.tick(delays.at(-1)!);
  context.mock.timers.tick(delays.at(-1)! - 1);
  assert.equal(fired, 0);
  context.mock.timers.tick(1);
  assert.equal(fired, 1);
  assert.equal(
    delays.reduce((a, b) => a + b),
    60 * DAY_MS,
  );
  assert.ok(Math.max(...delays) < 2 ** 31, "Node takes a longer delay for none");
});

test("a long timer is cancelled in its second part too", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const timer = systemClock.setTimer(60 * DAY_MS, () => assert.fail("it was cancelled"));
  context.mock.timers.tick(30 * DAY_MS);
  timer.cancel();
  context.mock.timers.tick(60 * DAY_MS);
});
