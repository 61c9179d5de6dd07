import assert from "node:assert/strict";
import { test } from "node:test";
import { CIRCUIT_BREAKER_REMAINING_STATS } from "../../observe/stats/tables/circuit-breaker.ts";
import {
  CLUSTER_MANAGER_STATS,
  THREAD_LOCAL_CLUSTER_MANAGER_STATS,
} from "../../observe/stats/tables/cluster-manager.ts";
import { CLUSTER_STATS } from "../../observe/stats/tables/cluster.ts";
import { CircuitBreakers } from "../circuit-breakers.ts";
import { Resource } from "../shared/breaker-memory.ts";
import { HealthFlag, HostCounter } from "../shared/host-memory.ts";
import { openUpstreamMemory } from "../shared/upstream-memory.ts";
import { definition, endpoint, locality } from "../testing/definitions.ts";
import { ManagedClusters } from "../testing/managed-clusters.ts";
import { healthFlagsText } from "./cluster-status.ts";

const STATIC = definition([locality([endpoint("10.0.0.1"), endpoint("10.0.0.2")])]);
const DNS = definition([locality([endpoint("a.example")])], { name: "d", type: "STRICT_DNS" });

const BY_CDS = { addedViaApi: true };

/** Non-zero `cluster_manager.` stats. */
function managerStats(t: ManagedClusters): Record<string, number> {
  const { base } = t.registry.scope("cluster_manager.", CLUSTER_MANAGER_STATS);
  const entries = Object.entries(CLUSTER_MANAGER_STATS.at).map(([name, at]) => [
    name,
    t.stats.slots[base + at]!,
  ]);
  return Object.fromEntries(entries.filter(([, value]) => value !== 0));
}

function clusterStat(t: ManagedClusters, name: keyof typeof CLUSTER_STATS.at): number {
  return t.stats.slots[CLUSTER_STATS.at[name]]!;
}

void test("a static cluster is posted at once, and the same again is no change", () => {
  const t = new ManagedClusters();
  assert.equal(t.manager.addOrUpdate(STATIC), "added");
  assert.deepEqual(t.takePosted(), ["cluster c P0 10.0.0.1:80 10.0.0.2:80"]);
  assert.equal(
    t.manager.addOrUpdate(definition([locality([endpoint("10.0.0.1"), endpoint("10.0.0.2")])])),
    "unchanged",
  );
  assert.deepEqual(t.takePosted(), []);
  assert.deepEqual(managerStats(t), { cluster_added: 1, active_clusters: 1 });
  assert.equal(clusterStat(t, "membership_total"), 2);
  assert.equal(clusterStat(t, "membership_healthy"), 2);
  assert.equal(clusterStat(t, "membership_change"), 1);
  assert.equal(clusterStat(t, "default.total_match_count"), 2);
});

void test("everything posted can be cloned to a worker", () => {
  const t = new ManagedClusters();
  t.manager.addOrUpdate(STATIC);
  assert.deepEqual(structuredClone(t.posted), t.posted);
});

void test("a DNS cluster waits for its first answer; later changes post the hosts alone", () => {
  const t = new ManagedClusters();
  let initialized = 0;
  t.manager.addOrUpdate(DNS);
  t.manager.whenInitialized(() => initialized++);
  assert.deepEqual(t.manager.warmingNames, ["d"]);
  assert.equal(initialized, 0);
  assert.equal(t.manager.get("d"), undefined);
  t.runtime.answer("a.example", ["10.0.0.1", "10.0.0.2"]);
  assert.equal(initialized, 1);
  assert.deepEqual(t.takePosted(), ["cluster d P0 10.0.0.1:80 10.0.0.2:80"]);
  t.runtime.advance(5000);
  t.runtime.answer("a.example", ["10.0.0.1", "10.0.0.2"]);
  assert.deepEqual(t.takePosted(), [], "nothing changed, nothing is posted");
  t.runtime.advance(5000);
  t.runtime.answer("a.example", ["10.0.0.2", "10.0.0.3"]);
  assert.deepEqual(t.takePosted(), ["hosts d P0 10.0.0.2:80 10.0.0.3:80"]);
  assert.equal(initialized, 1);
  assert.deepEqual(managerStats(t), { cluster_added: 1, active_clusters: 1, cluster_updated: 1 });
  for (const [name, value] of Object.entries({
    update_attempt: 3,
    update_success: 3,
    update_no_rebuild: 1,
    membership_change: 2,
    membership_total: 2,
    max_host_weight: 1,
    "default.total_match_count": 3,
  })) {
    assert.equal(clusterStat(t, name as keyof typeof CLUSTER_STATS.at), value, name);
  }
});

void test("start-up does not wait for clusters that say so", () => {
  const t = new ManagedClusters();
  t.manager.addOrUpdate({ ...DNS, waitForWarmOnInit: false });
  let initialized = 0;
  t.manager.whenInitialized(() => initialized++);
  assert.equal(initialized, 1);
});

void test("hosts keep their slot and their time while they stay, whatever comes and goes", () => {
  const t = new ManagedClusters();
  t.manager.addOrUpdate(DNS);
  t.runtime.answer("a.example", ["10.0.0.1", "10.0.0.2"]);
  const before = t.manager.get("d")!.hosts.hostSets[0]!.hosts;
  t.runtime.advance(5000);
  t.runtime.answer("a.example", ["10.0.0.3", "10.0.0.2"]);
  const after = t.manager.get("d")!.hosts.hostSets[0]!.hosts;
  assert.deepEqual(after[1], before[1]);
  assert.equal(after[0]!.addedMs, before[0]!.addedMs + 5000);
  assert.ok(
    !before.some(({ slot }) => slot === after[0]!.slot),
    "the worker has not let go of the old slot",
  );
});

void test("a logical host changes its address and stays", () => {
  const t = new ManagedClusters();
  t.manager.addOrUpdate(definition([locality([endpoint("a.example")])], { type: "LOGICAL_DNS" }));
  t.runtime.answer("a.example", ["10.0.0.1"]);
  const slot = t.manager.get("c")!.hosts.slots;
  t.runtime.advance(5000);
  t.runtime.answer("a.example", ["10.0.0.2"]);
  assert.deepEqual(t.takePosted(), ["cluster c P0 10.0.0.1:80", "hosts c P0 10.0.0.2:80"]);
  assert.deepEqual(t.manager.get("c")!.hosts.slots, slot);
  assert.equal(clusterStat(t, "membership_change"), 1);
  assert.equal(t.manager.get("c")!.hosts.hostSets[0]!.hosts[0]!.hostname, "a.example");
});

void test("a changed cluster serves on until the new one has its hosts", () => {
  const t = new ManagedClusters();
  t.manager.addOrUpdate(DNS);
  t.runtime.answer("a.example", ["10.0.0.1"]);
  const before = t.manager.get("d")!;
  t.takePosted();
  const changed = definition([locality([endpoint("b.example")])], {
    name: "d",
    type: "STRICT_DNS",
  });
  assert.equal(t.manager.addOrUpdate(changed), "modified");
  assert.equal(t.manager.get("d"), before);
  assert.deepEqual(managerStats(t), {
    cluster_added: 1,
    cluster_modified: 1,
    active_clusters: 1,
    warming_clusters: 1,
  });
  t.runtime.answer("b.example", ["10.0.0.9"]);
  assert.deepEqual(t.takePosted(), ["keep d P0 10.0.0.9:80"]);
  assert.deepEqual(t.runtime.questions, [], "the old one asks no more");
  t.runtime.advance(5000);
  assert.deepEqual(
    t.runtime.questions.map(({ name }) => name),
    ["b.example"],
  );
});

void test("a change of a change: only the last one comes to life", () => {
  const t = new ManagedClusters();
  t.manager.addOrUpdate(DNS);
  t.manager.addOrUpdate(
    definition([locality([endpoint("b.example")])], { name: "d", type: "STRICT_DNS" }),
  );
  assert.deepEqual(
    t.runtime.questions.map(({ name }) => name),
    ["b.example"],
  );
  t.runtime.answer("b.example", ["10.0.0.9"]);
  assert.deepEqual(t.takePosted(), ["cluster d P0 10.0.0.9:80"]);
});

void test("removal, of clusters that serve and that wait", () => {
  const t = new ManagedClusters();
  t.manager.addOrUpdate(STATIC, BY_CDS);
  t.manager.addOrUpdate(DNS, BY_CDS);
  let initialized = 0;
  t.manager.whenInitialized(() => initialized++);
  t.takePosted();
  assert.equal(t.manager.remove("nobody"), false);
  assert.equal(t.manager.remove("c"), true);
  assert.deepEqual(t.takePosted(), ["remove c"]);
  assert.equal(t.manager.remove("d"), true);
  assert.deepEqual(t.takePosted(), []);
  assert.equal(initialized, 1, "nothing to wait for any more");
  assert.deepEqual(managerStats(t), { cluster_added: 2, cluster_removed: 2 });
  assert.deepEqual(t.runtime.questions, []);
});

void test("a new worker gets everything, numbered like the last update", () => {
  const t = new ManagedClusters();
  t.manager.addOrUpdate(DNS);
  t.runtime.answer("a.example", ["10.0.0.1"]);
  t.runtime.advance(5000);
  t.runtime.answer("a.example", ["10.0.0.2"]);
  const [posted] = t.posted;
  const snapshot = t.manager.snapshot();
  assert.deepEqual(
    snapshot.map(({ sequence, kind }) => [sequence, kind]),
    [[2, "cluster"]],
  );
  t.posted = snapshot;
  assert.deepEqual(t.takePosted(), ["cluster d P0 10.0.0.2:80"]);
  assert.equal(posted!.kind, "cluster");
});

void test("slots of hosts and clusters come back once the worker has applied their removal", () => {
  const t = new ManagedClusters({ hostsMax: 2, clustersMax: 1 });
  t.manager.addOrUpdate(STATIC, BY_CDS);
  t.manager.remove("c");
  assert.throws(() => t.manager.addOrUpdate(STATIC), /no room for cluster 'c': clustersMax is 1/);
  t.apply(2);
  const worker = openUpstreamMemory(t.buffers, 0);
  worker.hosts.count(0, HostCounter.CxActive, 1);
  t.manager.addOrUpdate(STATIC);
  assert.deepEqual(
    t.takePosted().at(-1),
    "cluster c P0 10.0.0.1:80",
    "a connection still drains on the other slot",
  );
  assert.deepEqual(t.warnings, ["an upstream host is left out: hostsMax is 2"]);
});

void test("health and localities: the own one first, then by name; weights of the last", () => {
  const t = new ManagedClusters();
  t.manager.addOrUpdate(
    definition([
      locality([endpoint("10.0.0.1", { healthFlags: HealthFlag.FailedEdsHealth })], {
        region: "z",
        weight: 1,
      }),
      locality([endpoint("10.0.0.2", { healthFlags: HealthFlag.DegradedEdsHealth })], {
        region: "a",
        weight: 2,
      }),
      locality([endpoint("10.0.0.3", { healthFlags: HealthFlag.EdsStatusDraining })], {
        region: "home",
        weight: 3,
      }),
      locality([endpoint("10.0.0.4")], { region: "a", weight: 5 }),
    ]),
  );
  const { localities, hosts } = t.manager.get("c")!.hosts.hostSets[0]!;
  assert.deepEqual(
    localities.map(({ region, weight }) => [region, weight]),
    [
      ["home", 3],
      ["a", 5],
      ["z", 1],
    ],
  );
  assert.deepEqual(
    hosts.map((host) => host.locality),
    [2, 1, 0, 1],
  );
  assert.equal(clusterStat(t, "membership_total"), 4);
  assert.equal(clusterStat(t, "membership_healthy"), 1);
  assert.equal(clusterStat(t, "membership_degraded"), 1);
  assert.equal(clusterStat(t, "membership_excluded"), 1);
});

void test("a change of health reaches memory, gauges and workers", () => {
  const t = new ManagedClusters();
  t.manager.addOrUpdate(STATIC);
  t.takePosted();
  const cluster = t.manager.get("c")!;
  t.manager.setHealthFlags(cluster, cluster.hosts.slots[0]!, HealthFlag.FailedActiveHc);
  assert.deepEqual(t.takePosted(), ["health c"]);
  assert.equal(clusterStat(t, "membership_healthy"), 1);
  assert.deepEqual(
    t.manager.statuses()[0]!.hosts.map(({ healthFlags }) => healthFlagsText(healthFlags)),
    ["/failed_active_hc", "healthy"],
  );
});

void test("what /clusters shows of a host", () => {
  const t = new ManagedClusters();
  t.manager.addOrUpdate(
    definition([locality([endpoint("10.0.0.1", { weight: 3 })], { region: "r", priority: 1 })]),
  );
  const worker = openUpstreamMemory(t.buffers, 0);
  const [slot] = t.manager.get("c")!.hosts.slots;
  worker.hosts.count(slot!, HostCounter.RqTotal, 4);
  worker.hosts.addActiveRequest(slot!, 1);
  const [status] = t.manager.statuses();
  assert.equal(status!.config.name, "c");
  const { stats, ...host } = status!.hosts[0]!;
  assert.deepEqual(host, {
    address: { text: "10.0.0.1:80", ip: "10.0.0.1", port: 80 },
    hostname: "",
    weight: 3,
    priority: 1,
    locality: { region: "r", zone: "", subZone: "", weight: 0 },
    metadata: null,
    healthFlags: 0,
  });
  assert.equal(
    stats.map(({ name, value }) => `${name} ${value}`).join(", "),
    "cx_connect_fail 0, cx_total 0, rq_error 0, rq_success 0, rq_timeout 0, rq_total 4, " +
      "cx_active 0, rq_active 1, rq_pending_active 0",
  );
});

void test("circuit breaker gauges show the counts of all workers, and a dead worker's share goes", () => {
  const t = new ManagedClusters();
  const thresholds = { maxConnections: 2, maxRequests: 0, trackRemaining: true };
  const cluster = definition([locality([endpoint("10.0.0.1")])], {
    config: { thresholds },
    stats: t.registry,
  });
  t.manager.addOrUpdate(cluster);
  const memory = openUpstreamMemory(t.buffers, 0);
  const breakers = new CircuitBreakers(
    cluster.config,
    t.manager.get("c")!.breakerSlot,
    memory.breakers,
    { stats: t.stats, runtime: t.runtimeValues },
  );
  breakers.default.acquire(Resource.Connections);
  const read = (): number[] => {
    t.manager.refreshGauges();
    const { base } = t.registry.scope(
      "cluster.c.circuit_breakers.default.",
      CIRCUIT_BREAKER_REMAINING_STATS,
    );
    const { at } = CIRCUIT_BREAKER_REMAINING_STATS;
    return [
      clusterStat(t, "circuit_breakers.default.cx_open"),
      clusterStat(t, "circuit_breakers.default.rq_open"),
      t.stats.slots[base + at.remaining_cx]!,
      t.stats.slots[base + at.remaining_retries]!,
      t.stats.slots[base + at.remaining_cx_pools]!,
    ];
  };
  assert.deepEqual(read(), [0, 0, 1, 3, 2 ** 64]);
  breakers.default.acquire(Resource.Connections);
  assert.deepEqual(read(), [1, 0, 0, 3, 2 ** 64]);
  t.manager.workerDied(0);
  assert.deepEqual(read(), [0, 0, 2, 3, 2 ** 64]);
});

void test("a strict name without addresses still says that the greatest weight is 1", () => {
  const t = new ManagedClusters();
  t.manager.addOrUpdate(DNS);
  t.runtime.answer("a.example", []);
  assert.equal(clusterStat(t, "max_host_weight"), 1);
});

void test("every thread says how many clusters it has", () => {
  const t = new ManagedClusters();
  t.manager.addOrUpdate(STATIC);
  for (const thread of ["main_thread", "worker_0"]) {
    const prefix = `thread_local_cluster_manager.${thread}.`;
    const { base } = t.registry.scope(prefix, THREAD_LOCAL_CLUSTER_MANAGER_STATS);
    assert.equal(t.stats.slots[base + THREAD_LOCAL_CLUSTER_MANAGER_STATS.at.clusters_inflated], 1);
  }
});

void test("closing ends all questions", () => {
  const t = new ManagedClusters();
  t.manager.addOrUpdate(DNS);
  t.manager.addOrUpdate(
    definition([locality([endpoint("b.example")])], { name: "e", type: "LOGICAL_DNS" }),
  );
  t.runtime.answer("b.example", ["10.0.0.1"]);
  t.manager.close();
  assert.deepEqual(t.runtime.questions, []);
  assert.equal(t.runtime.nextMs, Infinity);
});
