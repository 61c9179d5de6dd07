import assert from "node:assert/strict";
import { test } from "node:test";
import { Clusters } from "../clusters.ts";
import type { LoadBalancerConfig } from "../model.ts";
import { openUpstreamMemory } from "../shared/upstream-memory.ts";
import { clusterConfig, hostData, hostSetData } from "../testing/cluster-config.ts";
import { TestClusters } from "../testing/worker-clusters.ts";

const LEAST_REQUEST: Partial<LoadBalancerConfig> = {
  algorithm: "least_request",
  choiceCount: 2,
  activeRequestBias: { value: 1 },
  fullScan: false,
  slowStart: null,
};

void test("round robin takes equal hosts strictly in turn, and workers start at different hosts", () => {
  const starts = new Set<number>();
  for (let seed = 0; seed < 20; seed++) {
    const t = new TestClusters(seed);
    const cluster = t.add(clusterConfig(), hostSetData([0, 1, 2, 3].map((slot) => hostData(slot))));
    const order = Array.from({ length: 8 }, () => cluster.chooseHost(null)!.slot);
    starts.add(order[0]!);
    for (let i = 1; i < order.length; i++) assert.equal(order[i], (order[0]! + i) % 4);
  }
  assert.deepEqual(
    [...starts].sort((a, b) => a - b),
    [0, 1, 2, 3],
  );
});

void test("weighted round robin spreads a heavy host's turns", () => {
  const t = new TestClusters(3);
  const hosts = [hostData(1, { weight: 3 }), hostData(2)];
  const cluster = t.add(clusterConfig(), hostSetData(hosts));
  const order = Array.from({ length: 40 }, () => cluster.chooseHost(null)!.slot).join("");
  assert.ok(!order.includes("22"), order);
  assert.ok(!order.includes("1111"), order);
});

void test("least request prefers the idle host of two", () => {
  const t = new TestClusters();
  const cluster = t.add(
    clusterConfig({ loadBalancer: LEAST_REQUEST }),
    hostSetData([hostData(1), hostData(2)]),
  );
  const [first] = [...cluster.hosts];
  for (let i = 0; i < 5; i++) first!.acquireRequest();
  let busy = 0;
  for (let i = 0; i < 10_000; i++) if (cluster.chooseHost(null) === first) busy++;
  // Both draws must hit it: a quarter.
  assert.ok(busy > 2200 && busy < 2800, String(busy));
});

void test("a full scan always finds the idle host", () => {
  const t = new TestClusters();
  const loadBalancer = { ...LEAST_REQUEST, fullScan: true } as Partial<LoadBalancerConfig>;
  const hosts = [1, 2, 3, 4].map((slot) => hostData(slot));
  const cluster = t.add(clusterConfig({ loadBalancer }), hostSetData(hosts));
  for (const host of cluster.hosts) if (host.slot !== 3) host.acquireRequest();
  for (let i = 0; i < 100; i++) assert.equal(cluster.chooseHost(null)!.slot, 3);
});

void test("requests of other workers count for least request", () => {
  const t = new TestClusters();
  const loadBalancer = { ...LEAST_REQUEST, fullScan: true } as Partial<LoadBalancerConfig>;
  const data = hostSetData([hostData(1), hostData(2)]);
  const cluster = t.add(clusterConfig({ loadBalancer }), data);
  const other = new Clusters(t.worker, openUpstreamMemory(t.buffers, 1), {
    onClusterRemoved() {},
    onHostRemoved() {},
    onHostUnhealthy() {},
    onConnectionsOutdated() {},
  });
  other.apply({
    sequence: 1,
    kind: "cluster",
    config: clusterConfig(),
    breakerSlot: 0,
    connections: "replace",
    dropOverloadRatio: 0,
    hostSets: [data],
  });
  [...other.get("c")!.hosts].find(({ slot }) => slot === 1)!.acquireRequest();
  for (let i = 0; i < 100; i++) assert.equal(cluster.chooseHost(null)!.slot, 2);
});

void test("with different weights least request divides the weight by the requests on their way", () => {
  const share = (bias: number): number => {
    const t = new TestClusters();
    const loadBalancer = {
      ...LEAST_REQUEST,
      activeRequestBias: { value: bias },
    } as Partial<LoadBalancerConfig>;
    const data = hostSetData([hostData(1, { weight: 2 }), hostData(2, { weight: 4 })]);
    const cluster = t.add(clusterConfig({ loadBalancer }), data);
    const heavy = [...cluster.hosts].find(({ slot }) => slot === 2)!;
    for (let i = 0; i < 3; i++) heavy.acquireRequest();
    let count = 0;
    for (let i = 0; i < 3000; i++) if (cluster.chooseHost(null) === heavy) count++;
    return count / 3000;
  };
  // 2 against 4 / (3 + 1)^bias.
  assert.ok(Math.abs(share(0) - 4 / 6) < 0.01);
  assert.ok(Math.abs(share(1) - 1 / 3) < 0.01);
  assert.ok(Math.abs(share(0.5) - 1 / 2) < 0.01);
});

void test("a host in slow start gets a part of its share that grows to all of it", () => {
  const slowStart = { windowMs: 100_000, aggression: { value: 1 }, minWeightPercent: 10 };
  const t = new TestClusters();
  const now = t.worker.now;
  const hosts = [hostData(1, { addedMs: now - 1_000_000 }), hostData(2, { addedMs: now })];
  const cluster = t.add(
    clusterConfig({ loadBalancer: { algorithm: "round_robin", slowStart } }),
    hostSetData(hosts),
  );
  const share = (): number => {
    let count = 0;
    for (let i = 0; i < 3000; i++) if (cluster.chooseHost(null)!.slot === 2) count++;
    return count / 3000;
  };
  assert.ok(Math.abs(share() - 0.1 / 1.1) < 0.01);
  t.worker.now = now + 50_000;
  assert.ok(Math.abs(share() - 0.5 / 1.5) < 0.01);
  t.worker.now = now + 100_000;
  assert.ok(Math.abs(share() - 0.5) < 0.01);
});

void test("aggression above 1 gives a new host more, earlier", () => {
  const slowStart = { windowMs: 100_000, aggression: { value: 2 }, minWeightPercent: 10 };
  const t = new TestClusters();
  const hosts = [hostData(1, { addedMs: -1e6 }), hostData(2, { addedMs: t.worker.now - 25_000 })];
  const loadBalancer = { ...LEAST_REQUEST, slowStart } as Partial<LoadBalancerConfig>;
  const cluster = t.add(clusterConfig({ loadBalancer }), hostSetData(hosts));
  let count = 0;
  for (let i = 0; i < 3000; i++) if (cluster.chooseHost(null)!.slot === 2) count++;
  // The square root of a quarter is a half.
  assert.ok(Math.abs(count / 3000 - 0.5 / 1.5) < 0.01, String(count));
});
