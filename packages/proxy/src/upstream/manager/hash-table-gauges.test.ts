import assert from "node:assert/strict";
import { test } from "node:test";
import { MAGLEV_LB_STATS, RING_HASH_LB_STATS } from "../../observe/stats/tables/hash-table.ts";
import type { HostSetData, LoadBalancerConfig } from "../model.ts";
import { HealthFlag } from "../shared/host-memory.ts";
import { hostData, hostSetData } from "../testing/cluster-config.ts";
import { MAGLEV, RING_HASH } from "../testing/hashing.ts";
import { publishHashTables } from "./hash-table-gauges.ts";

const COMMON = { healthyPanicThresholdPercent: 50, localityWeighted: false };
const RING_AT = RING_HASH.tableScope.base;
const MAGLEV_AT = MAGLEV.tableScope.base;

/** What the gauges show for hosts of these weights; `failed` are slots, from 1. */
function published(
  config: LoadBalancerConfig,
  hostSets: readonly HostSetData[],
  failed: readonly number[] = [],
): Float64Array {
  const slots = new Float64Array(2000);
  const flags = (slot: number): number => (failed.includes(slot) ? HealthFlag.FailedEdsHealth : 0);
  publishHashTables(config, hostSets, flags, slots);
  return slots;
}

function ring(...args: [hostSets: readonly HostSetData[], failed?: readonly number[]]): number[] {
  const slots = published({ ...RING_HASH, ...COMMON }, ...args);
  const { at } = RING_HASH_LB_STATS;
  return [at.size, at.min_hashes_per_host, at.max_hashes_per_host].map(
    (stat) => slots[RING_AT + stat]!,
  );
}

function maglev(weights: readonly number[], tableSize = 65_537): number[] {
  const slots = published({ ...MAGLEV, tableSize, ...COMMON }, [weighted(weights)]);
  const { at } = MAGLEV_LB_STATS;
  return [at.min_entries_per_host, at.max_entries_per_host].map((stat) => slots[MAGLEV_AT + stat]!);
}

function weighted(weights: readonly number[]): HostSetData {
  return hostSetData(weights.map((weight, i) => hostData(i + 1, { weight })));
}

void test("sizes of rings are Envoy's, of the last priority that has hosts", () => {
  const five = weighted([1, 1, 1, 1, 1]);
  assert.deepEqual(ring([five]), [1025, 205, 205]);
  assert.deepEqual(ring([weighted([1, 2, 3, 4, 5])]), [1035, 69, 345]);
  assert.deepEqual(ring([five], [1]), [1024, 256, 256]);
  assert.deepEqual(ring([five], [1, 2, 3, 4]), [1025, 205, 205]);
  assert.deepEqual(ring([five, weighted([1, 1, 1])]), [1026, 342, 342]);
  assert.deepEqual(ring([five, weighted([])]), [1025, 205, 205]);
  assert.deepEqual(ring([weighted([])]), [0, 0, 0]);
});

void test("sizes of Maglev tables are Envoy's", () => {
  assert.deepEqual(maglev([1, 1, 1, 1, 1]), [13_107, 13_108]);
  assert.deepEqual(maglev([1, 2, 3, 4, 5]), [4370, 21_845]);
  assert.deepEqual(maglev([1, 1, 1, 1, 1], 3), [0, 1]);
  assert.deepEqual(maglev([1000, 1], 11), [1, 10]);
  assert.deepEqual(maglev([1]), [1, 1]);
  assert.deepEqual(maglev([]), [0, 0]);
});

void test("other load balancers have no such gauges", () => {
  const slots = published({ algorithm: "random", ...COMMON }, [weighted([1, 1])]);
  assert.ok(slots.every((value) => value === 0));
});
