import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectionCount, createOverloadMemory, EventLoopBeats } from "./overload-memory.ts";

void test("a limit holds for all workers together, and a dead one gives its places back", () => {
  const memory = createOverloadMemory(2);
  const count = new ConnectionCount(memory);
  const other = new ConnectionCount(memory);
  assert.deepEqual(
    [count.tryAcquire(0, 3), other.tryAcquire(1, 3), other.tryAcquire(1, 3)],
    [true, true, true],
  );
  assert.equal(count.tryAcquire(0, 3), false);
  other.release(1);
  assert.equal(count.tryAcquire(0, 3), true);
  assert.equal(count.tryAcquire(0, 3), false);
  count.takeBack(0);
  assert.deepEqual([other.tryAcquire(1, 3), other.tryAcquire(1, 3)], [true, true]);
  assert.equal(other.tryAcquire(1, 3), false);
});

void test("the delay is the mean since it was last asked for, of the worst worker", () => {
  const memory = createOverloadMemory(3);
  const worker = new EventLoopBeats(memory);
  const main = new EventLoopBeats(memory);
  assert.equal(main.takeMeanMs(1000, 20), 0, "no worker has begun");
  worker.note(0, 0, 1000);
  worker.note(1, 0, 1000);
  worker.note(0, 10, 1030);
  worker.note(0, 30, 1080);
  worker.note(1, 1, 1075);
  assert.equal(main.takeMeanMs(1090, 20), 40 / 3);
  worker.note(0, 2, 1102);
  worker.note(1, 3, 1098);
  assert.equal(main.takeMeanMs(1103, 20), 3);
  assert.equal(main.takeMeanMs(1110, 20), 0, "nothing new, and nothing late");
  assert.equal(main.takeMeanMs(1602, 20), 1602 - 1098 - 20, "a loop that stands still");
  worker.forget(0);
  worker.forget(1);
  assert.equal(main.takeMeanMs(5000, 20), 0, "one that is gone");
});
