import assert from "node:assert/strict";
import { test } from "node:test";
import { RequestQueue } from "./request-queue.ts";

const options = { timeout: 5_000 };

/** What a promise has come to when all that is due has run. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  void promise.then(() => (settled = true));
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  return settled;
}

test(
  "requests come in order, those that were pulled before they were there too",
  options,
  async () => {
    const queue = new RequestQueue<string>();
    const first = queue.next();
    queue.push("a");
    queue.push("b");
    assert.deepEqual(await first, { done: false, value: "a" });
    assert.deepEqual(await queue.next(), { done: false, value: "b" });
  },
);

test("who waits for room has it when enough was pulled", options, async () => {
  const queue = new RequestQueue<string>();
  await queue.room(1);
  for (const request of ["a", "b", "c"]) queue.push(request);
  const room = queue.room(2);
  await queue.room(4);
  assert.equal(await isSettled(room), false);
  await queue.next();
  assert.equal(await isSettled(room), false, "two still wait");
  await queue.next();
  await room;
});

test("who waits for room waits no longer than the stream lasts", options, async () => {
  const queue = new RequestQueue<string>();
  queue.push("a");
  const room = queue.room(1);
  queue.end();
  await room;
  assert.deepEqual(await queue.next(), { done: false, value: "a" }, "what was pushed is pulled");
  assert.deepEqual(await queue.next(), { done: true, value: undefined });
});
