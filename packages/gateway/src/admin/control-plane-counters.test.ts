import assert from "node:assert/strict";
import { test } from "node:test";
import { ControlPlaneCounters } from "./control-plane-counters.ts";

test("changes, and the CPU time of this thread that they take, failed ones too", () => {
  const counters = new ControlPlaneCounters();
  const busy = (microseconds: number): void => {
    const before = process.threadCpuUsage();
    while (process.threadCpuUsage(before).user < microseconds);
  };
  counters.change(() => busy(50_000));
  assert.ok(counters.changeCpuMicroseconds >= 50_000);
  const before = counters.changeCpuMicroseconds;
  const fails = (): void => {
    busy(30_000);
    throw new Error("a defect");
  };
  assert.throws(() => counters.change(fails), /a defect/);
  assert.ok(counters.changeCpuMicroseconds >= before + 30_000);
  assert.equal(counters.changes, 2);
});
