import assert from "node:assert/strict";
import { test } from "node:test";
import type { HostSet } from "../../upstream/host-set.ts";
import type { Host } from "../../upstream/host.ts";
import { PreviousPriorities } from "./previous-priorities.ts";

/** Priorities with so many hosts, so many of them healthy and degraded. */
function hostSets(
  ...counts: readonly (readonly [all: number, healthy: number, degraded?: number])[]
) {
  const hosts = (count: number): object[] => Array.from({ length: count }, () => ({ weight: 1 }));
  return counts.map(
    ([all, healthy, degraded = 0], priority) =>
      ({
        priority,
        overprovisioningFactor: 140,
        weightedPriorityHealth: false,
        hosts: hosts(all),
        healthy: hosts(healthy),
        degraded: hosts(degraded),
        excluded: [],
        localities: [],
      }) as unknown as HostSet,
  );
}

const USUAL = { healthy: [100, 0, 0], degraded: [0, 0, 0], panic: [false, false, false] };

function attempts(priorities: PreviousPriorities, ...hosts: readonly number[]): void {
  for (const priority of hosts) priorities.onAttempt({ priority } as Host);
}

void test("the load goes to priorities that were not tried, and begins anew when all were", () => {
  const priorities = new PreviousPriorities(1);
  const sets = hostSets([2, 2], [2, 2], [2, 2]);
  assert.equal(priorities.loadFor(sets, USUAL), USUAL);
  attempts(priorities, 0);
  assert.deepEqual(priorities.loadFor(sets, USUAL).healthy, [0, 100, 0]);
  attempts(priorities, 1);
  assert.deepEqual(priorities.loadFor(sets, USUAL).healthy, [0, 0, 100]);
  attempts(priorities, 2);
  assert.deepEqual(priorities.loadFor(sets, USUAL).healthy, [100, 0, 0]);
});

void test("it is looked at anew each so many attempts", () => {
  const priorities = new PreviousPriorities(2);
  const sets = hostSets([2, 2], [2, 2], [2, 2]);
  attempts(priorities, 0);
  assert.equal(priorities.loadFor(sets, USUAL), USUAL);
  attempts(priorities, 0);
  assert.deepEqual(priorities.loadFor(sets, USUAL).healthy, [0, 100, 0]);
  attempts(priorities, 1);
  assert.deepEqual(priorities.loadFor(sets, USUAL).healthy, [0, 100, 0]);
});

void test("what is not healthy gets no more than it can take, and rounding loses nothing", () => {
  const priorities = new PreviousPriorities(1);
  attempts(priorities, 0);
  const partly = priorities.loadFor(hostSets([2, 2], [4, 1], [3, 1]), USUAL);
  assert.equal(partly.healthy[0], 0);
  assert.equal(
    partly.healthy.reduce((sum, share) => sum + share, 0),
    100,
  );
  assert.deepEqual(new PreviousPriorities(1).loadFor(hostSets([1, 0]), USUAL), USUAL);
});

void test("degraded hosts count, and with nothing to use anywhere all stays as usual", () => {
  const priorities = new PreviousPriorities(1);
  attempts(priorities, 0);
  assert.deepEqual(priorities.loadFor(hostSets([1, 1], [1, 0, 1]), USUAL).degraded, [0, 100]);
  const none = new PreviousPriorities(1);
  attempts(none, 0);
  assert.equal(none.loadFor(hostSets([1, 0], [1, 0]), USUAL), USUAL);
});
