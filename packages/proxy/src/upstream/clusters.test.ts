import assert from "node:assert/strict";
import { test } from "node:test";
import type { HostData, TransportSocketMatchConfig } from "./model.ts";
import { Resource } from "./shared/breaker-memory.ts";
import { HealthFlag, HostCounter } from "./shared/host-memory.ts";
import { clusterConfig, hostData, hostSetData } from "./testing/cluster-config.ts";
import { TestClusters } from "./testing/worker-clusters.ts";

void test("a name that no cluster has", () => {
  assert.equal(new TestClusters().clusters.get("nobody"), undefined);
});

void test("a host that stays is the same object, with its pools and its new facts", () => {
  const t = new TestClusters();
  const cluster = t.add(clusterConfig(), hostSetData([hostData(1), hostData(2)]));
  const [first, second] = [...cluster.hosts];
  first!.httpPool = "pool";
  t.setHosts(
    "c",
    hostSetData([hostData(1, { weight: 7, hostname: "h", metadata: { a: 1 } }), hostData(3)]),
  );
  const after = [...cluster.hosts];
  assert.equal(after[0], first);
  assert.equal(first!.httpPool, "pool");
  assert.deepEqual([first!.weight, first!.hostname, first!.metadata], [7, "h", { a: 1 }]);
  assert.equal(second!.removed, true);
  assert.deepEqual(t.events, ["removed c 10.0.0.2:80"]);
  assert.deepEqual(
    after.map(({ slot }) => slot),
    [1, 3],
  );
});

void test("a host that moves to another priority stays the same", () => {
  const t = new TestClusters();
  const cluster = t.add(clusterConfig(), hostSetData([hostData(1), hostData(2)]), hostSetData([]));
  const second = [...cluster.hosts][1]!;
  const hostSets = [
    { priority: 0, hostSet: hostSetData([hostData(1)]) },
    { priority: 1, hostSet: hostSetData([hostData(2)]) },
  ];
  t.clusters.apply({ sequence: 2, kind: "hosts", cluster: "c", dropOverloadRatio: 0, hostSets });
  assert.equal(second.priority, 1);
  assert.equal(second.removed, false);
  assert.deepEqual(t.events, []);
});

void test("a logical host follows its address", () => {
  const t = new TestClusters();
  const cluster = t.add(clusterConfig(), hostSetData([hostData(1)]));
  const [host] = [...cluster.hosts];
  t.setHosts("c", hostSetData([{ ...hostData(1), address: hostData(9).address }]));
  assert.equal([...cluster.hosts][0], host);
  assert.equal(host!.address.text, "10.0.0.9:80");
});

void test("a replaced cluster is a new one with new hosts, and the old hosts are reported", () => {
  const t = new TestClusters();
  const before = t.add(clusterConfig(), hostSetData([hostData(1)]));
  const after = t.add(clusterConfig(), hostSetData([hostData(2)]));
  assert.notEqual(after, before);
  assert.deepEqual(t.events, ["removed c 10.0.0.1:80"]);
  assert.equal(t.clusters.get("c"), after);
});

void test("a removed cluster is not found, and its hosts are reported", () => {
  const t = new TestClusters();
  t.add(clusterConfig(), hostSetData([hostData(1), hostData(2)]));
  t.clusters.apply({ sequence: 2, kind: "remove", cluster: "c" });
  assert.equal(t.clusters.get("c"), undefined);
  assert.deepEqual(t.events, ["removed c 10.0.0.1:80", "removed c 10.0.0.2:80"]);
});

void test("a cluster that nobody asked for takes updates and is never built", () => {
  const t = new TestClusters();
  const hostSets = [hostSetData([hostData(1)])];
  t.clusters.apply({
    sequence: 1,
    kind: "cluster",
    config: clusterConfig(),
    breakerSlot: 0,
    connections: "replace",
    dropOverloadRatio: 0,
    hostSets,
  });
  t.setHosts("c", hostSetData([hostData(2)]));
  t.setHealth("c", {});
  assert.deepEqual(
    [...t.clusters.get("c")!.hosts].map(({ slot }) => slot),
    [2],
  );
  assert.deepEqual(t.events, []);
});

void test("updates for a cluster that is gone are passed over, and main learns of every update", () => {
  const t = new TestClusters();
  t.sequence = 40;
  t.setHosts("gone", hostSetData([hostData(1)]));
  assert.equal(new BigInt64Array(t.buffers.applied)[0], 41n);
});

void test("closing reports every host", () => {
  const t = new TestClusters();
  t.add(clusterConfig(), hostSetData([hostData(1)]));
  t.add(clusterConfig({ name: "d" }), hostSetData([hostData(2)]));
  t.clusters.close();
  assert.deepEqual(t.events, ["removed c 10.0.0.1:80", "removed d 10.0.0.2:80"]);
});

void test("connections of failed hosts are closed only where the cluster says so", () => {
  for (const closing of [false, true]) {
    const t = new TestClusters();
    const config = clusterConfig({ closeConnectionsOnHostHealthFailure: closing });
    t.add(config, hostSetData([hostData(1), hostData(2)]));
    t.setHealth("c", { 1: HealthFlag.FailedActiveHc });
    t.setHealth("c", { 2: HealthFlag.DegradedActiveHc });
    assert.deepEqual(t.events, closing ? ["unhealthy c 10.0.0.1:80"] : []);
  }
});

void test("requests and counters of a host are seen by main, and taken back when the worker dies", () => {
  const t = new TestClusters();
  const [host] = [...t.add(clusterConfig(), hostSetData([hostData(5)])).hosts];
  host!.acquireRequest();
  host!.acquireRequest();
  host!.releaseRequest();
  host!.count(HostCounter.CxActive);
  host!.count(HostCounter.RqError, 3);
  assert.equal(host!.activeRequests, 1);
  assert.equal(t.hostMemory.counter(5, HostCounter.RqTotal), 2);
  assert.equal(t.hostMemory.counter(5, HostCounter.RqError), 3);
  assert.equal(t.hostMemory.inUse(5), true);
  t.hostMemory.takeBack(0, 5);
  assert.equal(host!.activeRequests, 0);
  assert.equal(t.hostMemory.inUse(5), false);
  assert.equal(t.hostMemory.counter(5, HostCounter.RqTotal), 2, "totals outlive the worker");
});

void test("drop overload gives up its share of requests", () => {
  const t = new TestClusters();
  t.set({
    config: clusterConfig(),
    hostSets: [hostSetData([hostData(1)])],
    dropOverloadRatio: 0.25,
  });
  const cluster = t.clusters.get("c")!;
  let dropped = 0;
  for (let i = 0; i < 10_000; i++) if (cluster.shouldDropOverload()) dropped++;
  assert.ok(Math.abs(dropped - 2500) < 150, String(dropped));
  assert.equal(t.add(clusterConfig({ name: "d" })).shouldDropOverload(), false);
});

void test("an update in place: the same cluster, hosts and breakers, with other settings", () => {
  const t = new TestClusters();
  const cluster = t.add(clusterConfig(), hostSetData([hostData(1), hostData(2)]));
  const [first] = [...cluster.hosts];
  first!.httpPool = "pool";
  cluster.breakers.default.acquire(Resource.Requests);
  t.set({
    config: clusterConfig({
      thresholds: { maxRequests: 1 },
      loadBalancer: { algorithm: "random" },
    }),
    hostSets: [hostSetData([hostData(1), hostData(3)])],
    connections: "keep",
    dropOverloadRatio: 1,
  });
  assert.equal(t.clusters.get("c"), cluster);
  assert.deepEqual(t.events, ["removed c 10.0.0.2:80"]);
  const after = [...cluster.hosts];
  assert.equal(after[0], first);
  assert.equal(first!.httpPool, "pool");
  assert.equal(cluster.config.loadBalancer.algorithm, "random");
  assert.equal(cluster.breakers.default.tryAcquire(Resource.Requests), false, "one is under way");
  assert.equal(cluster.shouldDropOverload(), true);
  assert.ok(after.includes(cluster.chooseHost(null)!));
});

void test("where connections are made in another way, hosts that stay are told so, new ones not", () => {
  const t = new TestClusters();
  const cluster = t.add(clusterConfig(), hostSetData([hostData(1), hostData(2)]));
  t.set({
    config: clusterConfig({ http: { protocol: "http2" } }),
    hostSets: [hostSetData([hostData(2), hostData(3)])],
    connections: "drain",
  });
  assert.equal(t.clusters.get("c"), cluster);
  assert.deepEqual(t.events, ["removed c 10.0.0.1:80", "outdated c 10.0.0.2:80"]);
});

void test("a round goes on where the load balancer stays", () => {
  const t = new TestClusters();
  const cluster = t.add(clusterConfig(), hostSetData([hostData(1), hostData(2), hostData(3)]));
  const before = cluster.chooseHost(null)!.slot;
  t.set({
    config: clusterConfig({ connectTimeoutMs: 1 }),
    hostSets: [hostSetData([hostData(1), hostData(2), hostData(3)])],
    connections: "keep",
  });
  assert.equal(cluster.chooseHost(null)!.slot, (before % 3) + 1);
});

void test("a host whose labels choose another transport socket gets new connections", () => {
  const t = new TestClusters();
  const match = (name: string): TransportSocketMatchConfig => ({
    name,
    criteria: { kind: name },
    socket: null,
    scope: { base: 0, histogramBase: 0, prefix: "" },
  });
  const config = {
    ...clusterConfig(),
    transportSockets: { matches: [match("a"), match("b")], otherwise: null },
  };
  const labelled = (kind: string, more = ""): HostData =>
    hostData(1, { metadata: { "envoy.transport_socket_match": { kind, more } } });
  t.add(config, hostSetData([labelled("a")]));
  t.setHosts("c", hostSetData([labelled("a", "else")]));
  assert.deepEqual(t.events, []);
  t.setHosts("c", hostSetData([labelled("b")]));
  assert.deepEqual(t.events, ["outdated c 10.0.0.1:80"]);
});

void test("health that the configuration tells closes no connection", () => {
  const t = new TestClusters();
  const config = clusterConfig({ closeConnectionsOnHostHealthFailure: true });
  const cluster = t.add(config, hostSetData([hostData(1), hostData(2)]));
  t.hostMemory.setHealthFlags(1, HealthFlag.EdsStatusDraining);
  t.clusters.apply({ sequence: 2, kind: "health", cluster: "c", closeFailed: false });
  assert.deepEqual(t.events, []);
  assert.equal(cluster.chooseHost(null)!.slot, 2);
});

void test("a host is found by its address, in the lowest priority that has it", () => {
  const t = new TestClusters();
  const cluster = t.add(
    clusterConfig(),
    hostSetData([hostData(1)]),
    hostSetData([hostData(2), hostData(3, { address: hostData(1).address })]),
  );
  const [first, second] = [...cluster.hosts];
  assert.equal(cluster.hostAt("10.0.0.1:80"), first);
  assert.equal(cluster.hostAt("10.0.0.2:80"), second);
  assert.equal(cluster.hostAt("10.0.0.2"), null);
  t.setHosts("c", hostSetData([hostData(4)]), 1);
  assert.equal(cluster.hostAt("10.0.0.2:80"), null);
  assert.equal(cluster.hostAt("10.0.0.4:80")?.slot, 4);
});

void test("a host may be asked for in the states of health that the cluster says", () => {
  const t = new TestClusters();
  const cluster = t.add(clusterConfig(), hostSetData([hostData(1)]));
  const [host] = [...cluster.hosts];
  assert.equal(cluster.mayOverride(host!), true);
  t.setHealth("c", { 1: HealthFlag.DegradedActiveHc });
  assert.equal(cluster.mayOverride(host!), true);
  t.setHealth("c", { 1: HealthFlag.FailedActiveHc });
  assert.equal(cluster.mayOverride(host!), false);
});
