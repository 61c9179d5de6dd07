import assert from "node:assert/strict";
import { test } from "node:test";
import { CLUSTER_STATS } from "../../observe/stats/tables/cluster.ts";
import type { Cluster } from "../cluster.ts";
import type { HostData, LoadBalancerConfig } from "../model.ts";
import { HealthFlag } from "../shared/host-memory.ts";
import { clusterConfig, hostData, hostSetData } from "../testing/cluster-config.ts";
import { keyed, MAGLEV, RING_HASH } from "../testing/hashing.ts";
import { TestClusters } from "../testing/worker-clusters.ts";

const KEYS = Array.from({ length: 500 }, (_, i) => `key-${i}`);
/** So large that a table is not complete with one pick. */
const LARGE_RING = { ...RING_HASH, minimumSize: 50_000 };
const LARGE_TABLE = { ...MAGLEV, tableSize: 65_537 };

void test("a key goes to the same host again, and few move when a host comes or goes", () => {
  for (const loadBalancer of [RING_HASH, MAGLEV]) {
    const { t, cluster } = clusterOf(loadBalancer, hosts(10));
    const before = KEYS.map((key) => slotOf(cluster, key));
    assert.deepEqual(
      KEYS.map((key) => slotOf(cluster, key)),
      before,
    );
    assert.equal(new Set(before).size, 10);
    t.setHosts("c", hostSetData(hosts(9)));
    settle(cluster);
    const after = KEYS.map((key) => slotOf(cluster, key));
    const moved = after.filter((slot, i) => slot !== before[i] && before[i] !== 10).length;
    assert.ok(!after.includes(10));
    assert.ok(moved < 60, `${loadBalancer.algorithm}: ${moved} moved`);
  }
});

void test("without a hash chance decides", () => {
  const { cluster } = clusterOf(RING_HASH, hosts(4));
  const nothing = { ...keyed(""), computeHash: () => false };
  const chosen = new Set<number>();
  for (let i = 0; i < 200; i++) {
    chosen.add(cluster.chooseHost(nothing)!.slot);
    chosen.add(cluster.chooseHost(null)!.slot);
  }
  assert.equal(chosen.size, 4);
});

void test("the hash chooses the priority, too", () => {
  const t = new TestClusters();
  const first = hosts(2);
  const second = [hostData(11), hostData(12)];
  const cluster = t.add(
    clusterConfig({ loadBalancer: MAGLEV }),
    hostSetData(first),
    hostSetData(second),
  );
  t.setHealth("c", { 1: HealthFlag.FailedEdsHealth });
  const chosen = KEYS.map((key) => slotOf(cluster, key));
  const share = chosen.filter((slot) => slot === 2).length / KEYS.length;
  assert.ok(Math.abs(share - 0.7) < 0.06, String(share));
  assert.deepEqual(
    KEYS.map((key) => slotOf(cluster, key)),
    chosen,
  );
});

void test("a panic is counted, and all hosts take part", () => {
  const { t, cluster } = clusterOf(RING_HASH, hosts(4));
  t.setHealth("c", { 1: 1, 2: 1, 3: 1 });
  const chosen = new Set(KEYS.map((key) => slotOf(cluster, key)));
  assert.equal(chosen.size, 4);
  assert.equal(t.worker.stats.slots[CLUSTER_STATS.at.lb_healthy_panic], KEYS.length);
});

void test("degraded hosts get nothing, and without healthy ones there is no host", () => {
  const { t, cluster } = clusterOf(MAGLEV, hosts(2));
  t.setHealth("c", { 1: HealthFlag.DegradedEdsHealth });
  assert.deepEqual(new Set(KEYS.map((key) => slotOf(cluster, key))), new Set([2]));
  t.setHealth("c", { 1: HealthFlag.DegradedEdsHealth, 2: HealthFlag.DegradedEdsHealth });
  assert.equal(cluster.chooseHost(keyed("a")), null);
});

void test("a request that refuses its host gets another one, as often as it may ask", () => {
  for (const loadBalancer of [RING_HASH, MAGLEV]) {
    const { cluster } = clusterOf(loadBalancer, hosts(3));
    for (const key of KEYS.slice(0, 50)) {
      const refused = slotOf(cluster, key);
      const other = cluster.chooseHost(
        keyed(key, {
          hostSelectionRetryCount: 20,
          shouldSelectAnotherHost: ({ slot }) => slot === refused,
        }),
      );
      assert.notEqual(other!.slot, refused);
    }
    let asked = 0;
    const never = keyed("a", {
      hostSelectionRetryCount: 3,
      shouldSelectAnotherHost: () => (asked++, true),
    });
    assert.notEqual(cluster.chooseHost(never), null);
    assert.equal(asked, 3);
  }
});

void test("while a large table is built the old one serves, but never a host that is gone or failed", () => {
  for (const loadBalancer of [LARGE_RING, LARGE_TABLE]) {
    const { t, cluster } = clusterOf(loadBalancer, hosts(20));
    const before = KEYS.map((key) => slotOf(cluster, key));
    t.setHosts("c", hostSetData(hosts(21)));
    // The new host takes a share of the keys at once only if the table was built at once.
    const first = KEYS.slice(0, 3).map((key) => slotOf(cluster, key));
    assert.deepEqual(first, before.slice(0, 3), loadBalancer.algorithm);
    settle(cluster);
    assert.ok(KEYS.some((key) => slotOf(cluster, key) === 21));
    t.setHealth("c", { 5: HealthFlag.FailedEdsHealth });
    t.setHosts("c", hostSetData(hosts(19)));
    for (const key of KEYS) assert.ok(![5, 20, 21].includes(slotOf(cluster, key)));
  }
});

void test("a table is not put off for ever by changes that follow each other fast", () => {
  const { t, cluster } = clusterOf(LARGE_RING, hosts(20));
  slotOf(cluster, "a");
  for (let change = 0; change < 2; change++) {
    t.setHosts("c", hostSetData(hosts(21 + change)));
    slotOf(cluster, "a");
  }
  assert.ok(KEYS.some((key) => slotOf(cluster, key) === 22));
});

void test("tables of a priority that comes and empties", () => {
  const { t, cluster } = clusterOf(RING_HASH, []);
  assert.equal(cluster.chooseHost(keyed("a")), null);
  t.setHosts("c", hostSetData(hosts(1)), 1);
  settle(cluster);
  assert.equal(slotOf(cluster, "a"), 1);
  t.setHosts("c", hostSetData([]), 1);
  settle(cluster);
  assert.equal(cluster.chooseHost(keyed("a")), null);
});

void test("hosts with the same key share its requests", () => {
  for (const loadBalancer of [RING_HASH, MAGLEV]) {
    const named = hosts(4).map((host) => ({ ...host, hostname: "same" }));
    const { cluster } = clusterOf({ ...loadBalancer, useHostname: true }, named);
    const counts = new Map<number, number>();
    for (const key of KEYS)
      counts.set(slotOf(cluster, key), (counts.get(slotOf(cluster, key)) ?? 0) + 1);
    assert.equal(counts.size, 4);
    for (const count of counts.values())
      assert.ok(count > 60, `${loadBalancer.algorithm} ${count}`);
  }
});

function hosts(count: number): HostData[] {
  return Array.from({ length: count }, (_, i) => hostData(i + 1));
}

function clusterOf(
  loadBalancer: Partial<LoadBalancerConfig>,
  of: readonly HostData[],
): { t: TestClusters; cluster: Cluster } {
  const t = new TestClusters();
  return { t, cluster: t.add(clusterConfig({ loadBalancer }), hostSetData(of)) };
}

function slotOf(cluster: Cluster, key: string): number {
  return cluster.chooseHost(keyed(key))!.slot;
}

/** So many picks that every table is complete. */
function settle(cluster: Cluster): void {
  for (let i = 0; i < 200; i++) cluster.chooseHost(keyed(`${i}`));
}
