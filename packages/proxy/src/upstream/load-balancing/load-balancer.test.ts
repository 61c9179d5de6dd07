import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { CLUSTER_STATS } from "../../observe/stats/tables/cluster.ts";
import type { Cluster } from "../cluster.ts";
import type { Host } from "../host.ts";
import type { LoadBalancerAlgorithm } from "../model.ts";
import { HealthFlag } from "../shared/host-memory.ts";
import { clusterConfig, hostData, hostSetData } from "../testing/cluster-config.ts";
import { TestClusters } from "../testing/worker-clusters.ts";

const LEAST_REQUEST = {
  algorithm: "least_request",
  choiceCount: 2,
  activeRequestBias: { value: 1 },
  fullScan: false,
  slowStart: null,
} as const;

/** Every algorithm that does not hash; `weighted` says whether host weights count. */
const ALGORITHMS: readonly { name: string; algorithm: LoadBalancerAlgorithm; weighted: boolean }[] =
  [
    {
      name: "round_robin",
      algorithm: { algorithm: "round_robin", slowStart: null },
      weighted: true,
    },
    { name: "least_request", algorithm: LEAST_REQUEST, weighted: true },
    {
      name: "least_request, full scan",
      algorithm: { ...LEAST_REQUEST, fullScan: true },
      weighted: true,
    },
    { name: "random", algorithm: { algorithm: "random" }, weighted: false },
  ];

function picks(cluster: Cluster, count: number): Map<number, number> {
  const seen = new Map<number, number>();
  for (let i = 0; i < count; i++) {
    const slot = cluster.chooseHost(null)!.slot;
    seen.set(slot, (seen.get(slot) ?? 0) + 1);
  }
  return seen;
}

/** Every share of `picks` is within `tolerance` of what the weights say. */
function assertShares(
  seen: Map<number, number>,
  weights: Readonly<Record<number, number>>,
  tolerance: number,
): void {
  const total = [...seen.values()].reduce((sum, count) => sum + count, 0);
  const weightSum = Object.values(weights).reduce((sum, weight) => sum + weight, 0);
  assert.deepEqual(
    [...seen.keys()].sort((a, b) => a - b),
    Object.keys(weights).map(Number),
  );
  for (const [slot, weight] of Object.entries(weights)) {
    const share = seen.get(Number(slot))! / total;
    const expected = weight / weightSum;
    assert.ok(
      Math.abs(share - expected) <= tolerance,
      `host ${slot}: ${share}, expected ${expected}`,
    );
  }
}

for (const { name, algorithm, weighted } of ALGORITHMS) {
  void describe(name, () => {
    void test("equal hosts share equally", () => {
      const { cluster } = clusterOf(5);
      assertShares(picks(cluster, 10_000), { 1: 1, 2: 1, 3: 1, 4: 1, 5: 1 }, 0.02);
    });

    void test(weighted ? "shares follow weights" : "weights play no part", () => {
      const t = new TestClusters();
      const hosts = [1, 2, 3, 4].map((n) => hostData(n, { weight: n }));
      const cluster = t.add(clusterConfig({ loadBalancer: algorithm }), hostSetData(hosts));
      assertShares(
        picks(cluster, 10_000),
        weighted ? { 1: 1, 2: 2, 3: 3, 4: 4 } : { 1: 1, 2: 1, 3: 1, 4: 1 },
        0.02,
      );
    });

    void test("any set of hosts and weights is used completely and in proportion", () => {
      fc.assert(
        fc.property(
          fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 12 }),
          fc.nat(),
          (weights, seed) => {
            const t = new TestClusters(seed);
            const hosts = weights.map((weight, i) => hostData(i + 1, { weight }));
            const cluster = t.add(clusterConfig({ loadBalancer: algorithm }), hostSetData(hosts));
            const expected = Object.fromEntries(
              weights.map((weight, i) => [i + 1, weighted ? weight : 1]),
            );
            assertShares(picks(cluster, 6000), expected, 0.05);
          },
        ),
        { numRuns: 30 },
      );
    });

    void test("a removed host is not chosen again, a new one is", () => {
      const { t, cluster } = clusterOf(3);
      t.setHosts("c", hostSetData([hostData(1), hostData(3), hostData(4)]));
      assertShares(picks(cluster, 6000), { 1: 1, 3: 1, 4: 1 }, 0.03);
    });

    void test("no hosts, no choice, and panic is counted", () => {
      const { t, cluster } = clusterOf(0);
      assert.equal(cluster.chooseHost(null), null);
      assert.equal(panics(t), 1);
    });

    void test("unhealthy hosts get nothing until less than half are left, then all share", () => {
      const { t, cluster } = clusterOf(4);
      t.setHealth("c", { 1: HealthFlag.FailedActiveHc, 2: HealthFlag.FailedEdsHealth });
      assertShares(picks(cluster, 4000), { 3: 1, 4: 1 }, 0.03);
      assert.equal(panics(t), 0);
      t.setHealth("c", { 3: HealthFlag.FailedOutlierCheck });
      assertShares(picks(cluster, 8000), { 1: 1, 2: 1, 3: 1, 4: 1 }, 0.03);
      assert.equal(panics(t), 8000);
    });

    void test("with a panic threshold of 0 no unhealthy host is ever used", () => {
      const t = new TestClusters();
      const config = clusterConfig({
        loadBalancer: { ...algorithm, healthyPanicThresholdPercent: 0 },
      });
      const cluster = t.add(config, hostSetData([hostData(1), hostData(2), hostData(3)]));
      t.setHealth("c", { 1: HealthFlag.FailedActiveHc, 2: HealthFlag.FailedActiveHc });
      assertShares(picks(cluster, 100), { 3: 1 }, 0);
      t.setHealth("c", { 3: HealthFlag.FailedActiveHc });
      assert.equal(cluster.chooseHost(null), null);
      assert.equal(panics(t), 0);
    });

    void test("degraded hosts take what the healthy ones cannot", () => {
      const { t, cluster } = clusterOf(4);
      // Half healthy: 140 % of 50 is 70 for them, the rest for the degraded.
      t.setHealth("c", { 3: HealthFlag.DegradedEdsHealth, 4: HealthFlag.DegradedActiveHc });
      assertShares(picks(cluster, 20_000), { 1: 35, 2: 35, 3: 15, 4: 15 }, 0.02);
    });

    void test("load spills to the next priority as health goes", () => {
      const t = new TestClusters();
      const first = hostSetData([hostData(1), hostData(2)]);
      const cluster = t.add(
        clusterConfig({ loadBalancer: algorithm }),
        first,
        hostSetData([hostData(3)]),
      );
      assertShares(picks(cluster, 100), { 1: 1, 2: 1 }, 0.2);
      t.setHealth("c", { 1: HealthFlag.FailedActiveHc });
      assertShares(picks(cluster, 20_000), { 2: 70, 3: 30 }, 0.02);
    });

    void test("localities get load by weight, less those that lost hosts", () => {
      const t = new TestClusters();
      const hosts = [
        hostData(1, { locality: 0 }),
        hostData(2, { locality: 1 }),
        hostData(3, { locality: 1 }),
        hostData(4, { locality: 2 }),
      ];
      const config = clusterConfig({ loadBalancer: { ...algorithm, localityWeighted: true } });
      const cluster = t.add(config, hostSetData(hosts, [1, 2, 0]));
      assertShares(picks(cluster, 20_000), { 1: 2, 2: 2, 3: 2 }, 0.02);
      // Locality 1 keeps 1.4 × 1/2 of its weight of 2.
      t.setHealth("c", { 3: HealthFlag.FailedActiveHc });
      assertShares(picks(cluster, 20_000), { 1: 1, 2: 1.4 }, 0.02);
    });

    void test("a request that refuses hosts gets another one, as often as it may ask", () => {
      const { cluster } = clusterOf(2);
      let asked = 0;
      const context = {
        hostSelectionRetryCount: 50,
        computeHash: () => false,
        shouldSelectAnotherHost(host: Host): boolean {
          asked++;
          return host.slot === 1;
        },
      };
      for (let i = 0; i < 20; i++) assert.equal(cluster.chooseHost(context)!.slot, 2);
      asked = 0;
      const never = {
        ...context,
        hostSelectionRetryCount: 3,
        shouldSelectAnotherHost: () => (asked++, true),
      };
      assert.notEqual(cluster.chooseHost(never), null);
      assert.equal(asked, 3);
    });

    function clusterOf(count: number): { t: TestClusters; cluster: Cluster } {
      const t = new TestClusters();
      const hosts = Array.from({ length: count }, (_, i) => hostData(i + 1));
      return { t, cluster: t.add(clusterConfig({ loadBalancer: algorithm }), hostSetData(hosts)) };
    }
  });
}

function panics(t: TestClusters): number {
  return t.worker.stats.slots[CLUSTER_STATS.at.lb_healthy_panic]!;
}
