import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { HostSet } from "../host-set.ts";
import type { Host } from "../host.ts";
import { computePriorityLoad } from "./priority-load.ts";

/** A priority of `total` hosts of which some are healthy and some degraded. */
function hostSet(
  total: number,
  healthy: number,
  degraded = 0,
  parts: Partial<HostSet> = {},
): HostSet {
  const hosts = Array.from({ length: total }, () => ({ weight: 1 }) as Host);
  return {
    priority: 0,
    overprovisioningFactor: 140,
    weightedPriorityHealth: false,
    hosts,
    healthy: hosts.slice(0, healthy),
    degraded: hosts.slice(healthy, healthy + degraded),
    excluded: [],
    localities: [],
    ...parts,
  };
}

void test("the table of Envoy's documentation for two priorities", () => {
  // Percent healthy in P=0 and P=1, and the load they get.
  const rows = [
    [100, 100, 100, 0],
    [72, 100, 100, 0],
    [71, 100, 99, 1],
    [50, 100, 70, 30],
    [25, 100, 35, 65],
    [0, 100, 0, 100],
    [25, 25, 50, 50],
  ] as const;
  for (const [first, second, firstLoad, secondLoad] of rows) {
    const load = computePriorityLoad([hostSet(100, first), hostSet(100, second)], 0);
    assert.deepEqual(load.healthy, [firstLoad, secondLoad], `${first} % and ${second} %`);
  }
});

void test("the table of Envoy's documentation for panic in two priorities", () => {
  // Percent healthy, then load, then whether each priority panics (threshold 50).
  const rows = [
    [72, 72, 100, 0, false, false],
    [71, 71, 99, 1, false, false],
    [50, 60, 70, 30, false, false],
    [25, 100, 35, 65, false, false],
    [0, 25, 50, 50, true, true],
    // The documentation rounds to 7 and 93; Envoy 1.40 gives the percent that is left over to the first priority.
    [5, 65, 8, 92, true, false],
  ] as const;
  for (const [first, second, firstLoad, secondLoad, firstPanic, secondPanic] of rows) {
    const load = computePriorityLoad([hostSet(100, first), hostSet(100, second)], 50);
    assert.deepEqual(load.healthy, [firstLoad, secondLoad], `${first} % and ${second} %`);
    assert.deepEqual(load.panic, [firstPanic, secondPanic], `${first} % and ${second} %`);
  }
});

void test("degraded hosts come after all healthy ones, of every priority", () => {
  const load = computePriorityLoad([hostSet(10, 2, 4), hostSet(10, 5, 5)], 0);
  assert.deepEqual(load.healthy, [28, 70]);
  assert.deepEqual(load.degraded, [2, 0]);
});

void test("in total panic load goes by the number of hosts", () => {
  const load = computePriorityLoad([hostSet(30, 1), hostSet(0, 0), hostSet(60, 1)], 50);
  assert.deepEqual(load.healthy, [34, 0, 66]);
  assert.deepEqual(load.panic, [true, true, true]);
});

void test("weighted priority health counts weights instead of hosts", () => {
  const hosts = [{ weight: 9 }, { weight: 1 }] as Host[];
  const parts = { hosts, healthy: hosts.slice(1), weightedPriorityHealth: true };
  const load = computePriorityLoad([hostSet(2, 1, 0, parts), hostSet(1, 1)], 0);
  assert.deepEqual(load.healthy, [14, 86]);
});

void test("excluded hosts count for nothing", () => {
  const set = hostSet(4, 2);
  const load = computePriorityLoad([{ ...set, excluded: set.hosts.slice(2) }, hostSet(1, 1)], 50);
  assert.deepEqual(load.healthy, [100, 0]);
});

void test("a factor so small that all shares round to nothing does not break the sum", () => {
  const load = computePriorityLoad([hostSet(10, 8, 0, { overprovisioningFactor: 1 })], 50);
  assert.deepEqual(load.healthy, [100]);
});

void test("loads add up to 100 for any priorities", () => {
  const priority = fc.tuple(fc.nat(20), fc.nat(20), fc.nat(20), fc.integer({ min: 1, max: 300 }));
  fc.assert(
    fc.property(
      fc.array(priority, { minLength: 1, maxLength: 6 }),
      fc.nat(100),
      (rows, threshold) => {
        const sets = rows.map(([healthy, degraded, rest, overprovisioningFactor]) =>
          hostSet(healthy + degraded + rest, healthy, degraded, { overprovisioningFactor }),
        );
        const { healthy, degraded } = computePriorityLoad(sets, threshold);
        const sum = [...healthy, ...degraded].reduce((total, share) => total + share, 0);
        assert.equal(sum, 100);
        assert.ok([...healthy, ...degraded].every((share) => share >= 0));
      },
    ),
  );
});
