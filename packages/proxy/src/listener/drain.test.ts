import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeWorker } from "../upstream/testing/fake-worker.ts";
import { Drain } from "./drain.ts";

/** How many of so many responses are their connections' last. */
function closes(drain: Drain, responses: number): number {
  let count = 0;
  for (let i = 0; i < responses; i++) if (drain.drainClose()) count++;
  return count;
}

void test("a gradual drain closes with the share of its time that has passed", () => {
  const worker = new FakeWorker();
  const drain = new Drain({ timeMs: 1000, strategy: "gradual" }, worker);
  assert.equal(closes(drain, 1000), 0);
  worker.now += 100;
  const early = closes(drain, 10_000);
  assert.ok(early > 800 && early < 1200, `${early} of 10,000 at a tenth`);
  worker.now += 600;
  const late = closes(drain, 10_000);
  assert.ok(late > 6700 && late < 7300, `${late} of 10,000 at seven tenths`);
  worker.now += 300;
  assert.equal(closes(drain, 1000), 1000);
});

void test("an immediate drain closes with every response, and a gradual one of no time, too", () => {
  const worker = new FakeWorker();
  assert.equal(closes(new Drain({ timeMs: 1000, strategy: "immediate" }, worker), 10), 10);
  assert.equal(closes(new Drain({ timeMs: 0, strategy: "gradual" }, worker), 10), 10);
});
