import assert from "node:assert/strict";
import { test } from "node:test";
import { IoLoop } from "../transport/io-loop.ts";
import { WorkerClock } from "./clock.ts";

/** What comes first: a wake after 1 ms, asked for `tookMs` into a callback, or a timer that is asked for behind it. */
function order(tookMs: number): Promise<string[]> {
  const loop = new IoLoop(() => {});
  loop.now = performance.now() - tookMs;
  const clock = new WorkerClock(loop);
  const came: string[] = [];
  return new Promise((resolve) => {
    const come = (what: string): void => {
      if (came.push(what) === 2) resolve(came);
    };
    clock.wakeAfter(1, () => come("wake"));
    setTimeout(() => come("timer"), 1);
  });
}

test("a wake that the loop is late for lets what arrived meanwhile go first", async () => {
  assert.deepEqual(await order(1000), ["timer", "wake"]);
});

test("the time of a wake is that of the loop's callback", async () => {
  const loop = new IoLoop(() => {});
  loop.now = 5;
  const clock = new WorkerClock(loop);
  assert.equal(clock.nowMs(), 5);
  await new Promise<void>((resolve) => clock.wakeAfter(1, resolve));
  assert.ok(clock.nowMs() > 5);
});
