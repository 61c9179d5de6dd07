import assert from "node:assert/strict";
import { test } from "node:test";
import { CLUSTER_MANAGER_STATS } from "../../observe/stats/tables/cluster-manager.ts";
import { Resource, RoutingPriority } from "../shared/breaker-memory.ts";
import { HealthFlag, HostCounter } from "../shared/host-memory.ts";
import { openUpstreamMemory } from "../shared/upstream-memory.ts";
import { assignment, definition, endpoint, locality } from "../testing/definitions.ts";
import { ManagedClusters } from "../testing/managed-clusters.ts";
import type { ClusterListener } from "./cluster-manager.ts";

const BY_CDS = { addedViaApi: true };
const TWO = [locality([endpoint("10.0.0.1"), endpoint("10.0.0.2")])];

/** What a listener hears. */
class Heard implements ClusterListener {
  readonly events: string[] = [];
  onClusterAddOrUpdate(name: string): void {
    this.events.push(`add ${name}`);
  }
  onClusterRemoval(name: string): void {
    this.events.push(`remove ${name}`);
  }
  onWarmingChange(warming: number): void {
    this.events.push(`warming ${warming}`);
  }
}

function managerStat(t: ManagedClusters, name: keyof typeof CLUSTER_MANAGER_STATS.at): number {
  const { base } = t.registry.scope("cluster_manager.", CLUSTER_MANAGER_STATS);
  return t.stats.slots[base + CLUSTER_MANAGER_STATS.at[name]]!;
}

void test("a change that does not concern connections keeps them, and hosts are asked for no more", () => {
  const t = new ManagedClusters();
  const dns = { type: "STRICT_DNS" as const };
  const a = [locality([endpoint("a.example")])];
  t.manager.addOrUpdate(definition(a, dns), BY_CDS);
  t.runtime.answer("a.example", ["10.0.0.1"]);
  t.takePosted();
  const { slots } = t.manager.get("c")!.hosts;
  const loadBalancer = { algorithm: "random" as const };
  assert.equal(
    t.manager.addOrUpdate(definition(a, { ...dns, config: { loadBalancer } }), BY_CDS),
    "modified",
  );
  assert.deepEqual(t.takePosted(), ["keep c P0 10.0.0.1:80"]);
  assert.deepEqual(t.runtime.questions, []);
  assert.deepEqual(t.manager.get("c")!.hosts.slots, slots);
  t.runtime.advance(5000);
  t.runtime.answer("a.example", ["10.0.0.1", "10.0.0.2"]);
  assert.deepEqual(t.takePosted(), ["hosts c P0 10.0.0.1:80 10.0.0.2:80"]);
});

void test("what concerns connections drains them", () => {
  for (const [config, how] of [
    [{ http: { protocol: "http2" as const } }, "drain"],
    [{ http: { maxResponseHeadersKb: 7 } }, "drain"],
    [{ http: { idleTimeoutMs: 7 } }, "keep"],
    [{ http: { maxStreamDurationMs: 7 } }, "keep"],
    [{ connectTimeoutMs: 7 }, "keep"],
    [{ thresholds: { maxRequests: 7 } }, "keep"],
  ] as const) {
    const t = new ManagedClusters();
    t.manager.addOrUpdate(definition(TWO), BY_CDS);
    t.takePosted();
    t.manager.addOrUpdate(definition(TWO, { config }), BY_CDS);
    assert.deepEqual(t.takePosted(), [`${how} c P0 10.0.0.1:80 10.0.0.2:80`]);
  }
});

void test("other endpoints: those that stay keep slot, time, health of checks, and counts", () => {
  const t = new ManagedClusters();
  t.manager.addOrUpdate(definition(TWO), BY_CDS);
  const before = t.manager.get("c")!;
  const [, second] = before.hosts.hostSets[0]!.hosts;
  t.manager.setHealthFlags(before, second!.slot, HealthFlag.FailedActiveHc);
  openUpstreamMemory(t.buffers, 0).hosts.count(second!.slot, HostCounter.RqTotal, 5);
  t.runtime.advance(1000);
  t.takePosted();
  t.manager.addOrUpdate(
    definition([locality([endpoint("10.0.0.3"), endpoint("10.0.0.2", { weight: 4 })])]),
    BY_CDS,
  );
  assert.deepEqual(t.takePosted(), ["keep c P0 10.0.0.3:80 10.0.0.2:80"]);
  const [, after] = t.manager.get("c")!.hosts.hostSets[0]!.hosts;
  assert.deepEqual(after, { ...second, weight: 4 });
  const [, status] = t.manager.statuses()[0]!.hosts;
  assert.equal(status!.healthFlags, HealthFlag.FailedActiveHc);
  assert.equal(status!.stats.find(({ name }) => name === "rq_total")!.value, 5);
});

void test("a logical host that is another name, or another port of it, is another host", () => {
  const t = new ManagedClusters();
  const logical = (name: string, port: number, connectTimeoutMs = 5000): void =>
    void t.manager.addOrUpdate(
      definition([locality([endpoint(name, { target: { host: name, port } })])], {
        type: "LOGICAL_DNS",
        config: { connectTimeoutMs },
      }),
      BY_CDS,
    );
  const slot = (): number => t.manager.get("c")!.hosts.slots[0]!;
  const first = ["a.example", 80, "10.0.0.1"] as const;
  const others = [
    ["a.example", 81, "10.0.0.1"],
    ["b.example", 81, "10.0.0.2"],
  ] as const;
  logical(first[0], first[1]);
  t.runtime.answer(first[0], [first[2]]);
  let before = slot();
  for (const [name, port, ip] of others) {
    logical(name, port);
    t.runtime.answer(name, [ip]);
    assert.notEqual(slot(), before);
    before = slot();
  }
  logical("b.example", 81, 7);
  assert.equal(slot(), before);
});

void test("a cluster of another type keeps the hosts of the same addresses, and its breakers", () => {
  const t = new ManagedClusters();
  t.manager.addOrUpdate(definition(TWO), BY_CDS);
  const { hosts, breakerSlot } = t.manager.get("c")!;
  t.manager.addOrUpdate(definition([], { type: "EDS" }), BY_CDS);
  t.takePosted();
  t.assign("c", assignment([locality([endpoint("10.0.0.2"), endpoint("10.0.0.9")])]));
  assert.deepEqual(t.takePosted(), ["keep c P0 10.0.0.2:80 10.0.0.9:80"]);
  const after = t.manager.get("c")!;
  assert.equal(after.hosts.slots[0], hosts.slots[1]);
  assert.equal(after.breakerSlot, breakerSlot);
});

void test("fewer priorities leave the others empty", () => {
  const t = new ManagedClusters();
  const second = locality([endpoint("10.0.0.9")], { priority: 1 });
  t.manager.addOrUpdate(definition([...TWO, second]), BY_CDS);
  t.takePosted();
  t.manager.addOrUpdate(definition(TWO), BY_CDS);
  assert.deepEqual(t.takePosted(), ["keep c P0 10.0.0.1:80 10.0.0.2:80 P1 "]);
});

void test("statistics under another name make it another cluster", () => {
  const t = new ManagedClusters();
  t.manager.addOrUpdate(definition(TWO), BY_CDS);
  const { slots } = t.manager.get("c")!.hosts;
  const other = definition(TWO);
  const scope = { base: 500, histogramBase: 0, prefix: "cluster.alt." };
  const config = { ...other.config, observabilityName: "alt", scope };
  t.takePosted();
  t.manager.addOrUpdate({ ...other, config }, BY_CDS);
  assert.deepEqual(t.takePosted(), ["cluster c P0 10.0.0.1:80 10.0.0.2:80"]);
  assert.ok(t.manager.get("c")!.hosts.slots.every((slot) => !slots.includes(slot)));
});

void test("breakers serve whoever shares them until the last one is gone", () => {
  const t = new ManagedClusters({ hostsMax: 64, clustersMax: 1 });
  const eds = (service: string): void =>
    void t.manager.addOrUpdate(definition([], { type: "EDS", service }), BY_CDS);
  t.manager.addOrUpdate(definition(TWO), BY_CDS);
  eds("a");
  eds("b");
  const { breakers } = openUpstreamMemory(t.buffers, 0);
  const cell = RoutingPriority.Default + Resource.Requests;
  Atomics.add(breakers.totals, cell, 1);
  t.assign("b", assignment(TWO));
  t.manager.remove("c");
  t.apply(100);
  assert.throws(() => t.manager.addOrUpdate(definition(TWO)), /no room for cluster/);
  Atomics.sub(breakers.totals, cell, 1);
  assert.equal(t.manager.addOrUpdate(definition(TWO)), "added");
});

void test("CDS does not touch clusters of the bootstrap", () => {
  const t = new ManagedClusters();
  t.manager.addOrUpdate(definition(TWO));
  t.takePosted();
  assert.equal(t.manager.addOrUpdate(definition([]), BY_CDS), "unchanged");
  assert.equal(t.manager.remove("c"), false);
  assert.deepEqual(t.takePosted(), []);
  assert.deepEqual(
    t.manager.statuses().map(({ addedViaApi }) => addedViaApi),
    [false],
  );
  assert.equal(managerStat(t, "cluster_modified"), 0);
});

void test("an update of what still waits is another wait, and a redefinition none", () => {
  const t = new ManagedClusters();
  const eds = (service: string, connectTimeoutMs: number): string =>
    t.manager.addOrUpdate(
      definition([], { type: "EDS", service, config: { connectTimeoutMs } }),
      BY_CDS,
    );
  eds("a", 1);
  assert.equal(eds("a", 2), "modified");
  assert.deepEqual(t.subscriptions.watched, ["ClusterLoadAssignment a"]);
  eds("b", 2);
  assert.deepEqual(t.subscriptions.watched, ["ClusterLoadAssignment b"]);
  assert.deepEqual(t.takePosted(), []);
  t.assign("b", assignment(TWO));
  assert.deepEqual(t.takePosted(), ["cluster c P0 10.0.0.1:80 10.0.0.2:80"]);
  assert.equal(t.manager.get("c")!.definition.config.connectTimeoutMs, 2);
});

void test("listeners hear of clusters that serve, go, and wait", () => {
  const t = new ManagedClusters();
  const heard = new Heard();
  const cancel = t.manager.addListener(heard);
  t.manager.addOrUpdate(definition(TWO, { name: "a" }), BY_CDS);
  t.manager.addOrUpdate(definition([], { name: "b", type: "EDS" }), BY_CDS);
  t.assign("b", assignment(TWO));
  t.manager.addOrUpdate(definition(TWO, { name: "a", config: { connectTimeoutMs: 1 } }), BY_CDS);
  t.manager.remove("a");
  assert.deepEqual(heard.events, ["add a", "warming 1", "warming 0", "add b", "add a", "remove a"]);
  cancel();
  t.manager.remove("b");
  assert.equal(heard.events.length, 6);
  assert.equal(managerStat(t, "cluster_added"), 2);
  assert.equal(managerStat(t, "cluster_modified"), 1);
  assert.equal(managerStat(t, "cluster_removed"), 2);
});

void test("one endpoint among 10,000 clusters: one message, for that cluster", () => {
  const t = new ManagedClusters({ hostsMax: 1 << 15, clustersMax: 1 << 14 });
  for (let i = 0; i < 10_000; i++)
    t.manager.addOrUpdate(definition([], { name: `c${i}`, type: "EDS" }), BY_CDS);
  assert.equal(managerStat(t, "warming_clusters"), 10_000);
  for (let i = 0; i < 10_000; i++) t.assign(`c${i}`, assignment(TWO));
  assert.equal(managerStat(t, "active_clusters"), 10_000);
  t.posted = [];
  t.assign("c5000", assignment([locality([endpoint("10.0.0.1"), endpoint("10.0.0.3")])]));
  assert.deepEqual(t.takePosted(), ["hosts c5000 P0 10.0.0.1:80 10.0.0.3:80"]);
});

void test("10,000 clusters come and go in the room of 200", () => {
  const t = new ManagedClusters({ hostsMax: 400, clustersMax: 200 });
  for (let i = 0; i < 10_000; i++) {
    const name = `c${i}`;
    assert.equal(t.manager.addOrUpdate(definition(TWO, { name }), BY_CDS), "added");
    t.manager.addOrUpdate(
      definition([locality([endpoint("10.0.0.1"), endpoint("10.0.0.3")])], { name }),
      BY_CDS,
    );
    assert.equal(t.manager.remove(name), true);
    t.apply(t.posted.at(-1)!.sequence);
    t.posted = [];
  }
  assert.deepEqual(t.warnings, []);
  assert.deepEqual(t.manager.statuses(), []);
  assert.equal(managerStat(t, "cluster_removed"), 10_000);
  assert.equal(managerStat(t, "active_clusters"), 0);
});
