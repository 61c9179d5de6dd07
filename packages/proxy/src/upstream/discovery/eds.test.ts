import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConfigSource } from "@nuncio/api/types/envoy/config/core/v3/config_source_pb";
import { CLUSTER_STATS } from "../../observe/stats/tables/cluster.ts";
import { EDS_STATS } from "../../observe/stats/tables/eds.ts";
import type { LocalityEndpoints } from "../definition.ts";
import { HealthFlag } from "../shared/host-memory.ts";
import { assignment, definition, endpoint, locality } from "../testing/definitions.ts";
import { ManagedClusters } from "../testing/managed-clusters.ts";

const TWO = assignment([locality([endpoint("10.0.0.1"), endpoint("10.0.0.2")])]);

function start(parts: Parameters<typeof definition>[1] = {}): ManagedClusters {
  const t = new ManagedClusters();
  t.manager.addOrUpdate(definition([], { type: "EDS", ...parts }));
  return t;
}

function stat(t: ManagedClusters, name: keyof typeof CLUSTER_STATS.at): number {
  return t.stats.slots[CLUSTER_STATS.at[name]]!;
}

function edsStat(t: ManagedClusters, name: "init_fetch_timeout" | "update_rejected"): number {
  return t.stats.slots[2000 + EDS_STATS.at[name]]!;
}

void test("the cluster waits for its first endpoints, by the name of its service", () => {
  const t = start({ service: "s" });
  assert.deepEqual(t.subscriptions.watched, ["ClusterLoadAssignment s"]);
  assert.deepEqual(t.manager.warmingNames, ["c"]);
  assert.equal(t.manager.waitsFor("c"), "the ClusterLoadAssignment s");
  assert.deepEqual(t.takePosted(), []);
  assert.equal(stat(t, "warming_state"), 1);
  assert.deepEqual(t.assign("s", TWO), []);
  assert.equal(stat(t, "warming_state"), 0);
  assert.deepEqual(t.takePosted(), ["cluster c P0 10.0.0.1:80 10.0.0.2:80"]);
  assert.equal(t.manager.waitsFor("c"), "");
  assert.equal(stat(t, "membership_total"), 2);
  assert.equal(stat(t, "update_attempt"), 1);
  assert.equal(stat(t, "update_success"), 1);
});

void test("xxHash64 of the version, as Envoy prints it, and the text", () => {
  const t = new ManagedClusters();
  t.manager.addOrUpdate(definition([], { type: "EDS", stats: t.registry }));
  t.assign("c", TWO, "v1");
  assert.equal(t.registry.texts.get("cluster.c.version_text"), "v1");
  // 53 of 64 bits are kept.
  assert.equal(stat(t, "version"), Number(9_194_640_092_791_331_756n));
});

void test("an answer without endpoints, none in time, or a bad one: the cluster serves without hosts", () => {
  const empty = start();
  empty.subscriptions.send("c", null);
  assert.deepEqual(empty.takePosted(), ["cluster c P0 "]);
  assert.equal(stat(empty, "update_empty"), 1);
  const late = start();
  late.subscriptions.timeOut("c");
  assert.deepEqual(late.takePosted(), ["cluster c P0 "]);
  assert.equal(edsStat(late, "init_fetch_timeout"), 1);
  late.assign("c", TWO);
  assert.deepEqual(late.takePosted(), ["hosts c P0 10.0.0.1:80 10.0.0.2:80"]);
  const bad = start();
  assert.deepEqual(bad.assign("c", "no good"), ["c: no good"]);
  assert.deepEqual(bad.takePosted(), ["cluster c P0 "]);
  assert.equal(edsStat(bad, "update_rejected"), 1);
});

void test("what is refused or removed later changes nothing", () => {
  const t = start();
  t.assign("c", TWO);
  t.takePosted();
  t.assign("c", "no good");
  t.subscriptions.send("c", null, "2", ["c"]);
  assert.deepEqual(t.takePosted(), []);
  assert.equal(stat(t, "update_empty"), 1);
  assert.equal(stat(t, "membership_total"), 2);
});

void test("the same endpoints again are no change", () => {
  const t = start();
  t.assign("c", TWO);
  t.takePosted();
  t.assign("c", TWO, "2");
  assert.deepEqual(t.takePosted(), []);
  assert.equal(stat(t, "update_no_rebuild"), 1);
});

void test("only priorities that changed are posted; those that vanish become empty", () => {
  const t = start();
  const first = locality([endpoint("10.0.0.1")]);
  t.assign("c", assignment([first, locality([endpoint("10.0.0.9")], { priority: 2 })]));
  assert.deepEqual(t.takePosted(), ["cluster c P0 10.0.0.1:80 P1  P2 10.0.0.9:80"]);
  t.assign("c", assignment([first, locality([endpoint("10.0.0.8")], { priority: 1 })]));
  assert.deepEqual(t.takePosted(), ["hosts c P1 10.0.0.8:80 P2 "]);
  t.assign("c", assignment([first]));
  assert.deepEqual(t.takePosted(), ["hosts c P1 "]);
});

void test("a host that moves to another priority keeps its slot", () => {
  const t = start();
  t.assign("c", TWO);
  const before = t.manager.get("c")!.hosts.slots;
  t.assign(
    "c",
    assignment([
      locality([endpoint("10.0.0.1")]),
      locality([endpoint("10.0.0.2")], { priority: 1 }),
    ]),
  );
  assert.deepEqual(t.manager.get("c")!.hosts.slots, before);
  assert.deepEqual(t.takePosted().slice(1), ["hosts c P0 10.0.0.1:80 P1 10.0.0.2:80"]);
});

void test("an address that is told twice is one host, where it stands first", () => {
  const t = start();
  t.assign(
    "c",
    assignment([
      locality([endpoint("10.0.0.1"), endpoint("10.0.0.1", { weight: 9 })]),
      locality([endpoint("10.0.0.1"), endpoint("10.0.0.2")], { priority: 1 }),
    ]),
  );
  assert.deepEqual(t.takePosted(), ["cluster c P0 10.0.0.1:80 P1 10.0.0.2:80"]);
  assert.equal(t.manager.get("c")!.hosts.hostSets[0]!.hosts[0]!.weight, 1);
});

void test("health of hosts that stay: told without their hosts, and what checks found remains", () => {
  const t = start();
  t.assign("c", TWO);
  const cluster = t.manager.get("c")!;
  const [slot] = cluster.hosts.slots;
  t.manager.setHealthFlags(cluster, slot!, HealthFlag.FailedActiveHc);
  t.takePosted();
  const healthFlags = HealthFlag.EdsStatusDraining;
  t.assign(
    "c",
    assignment([locality([endpoint("10.0.0.1", { healthFlags }), endpoint("10.0.0.2")])]),
  );
  assert.deepEqual(t.posted, [{ sequence: 3, kind: "health", cluster: "c", closeFailed: false }]);
  assert.equal(
    cluster.hosts.healthFlags(slot!),
    HealthFlag.EdsStatusDraining | HealthFlag.FailedActiveHc,
  );
  assert.equal(stat(t, "membership_excluded"), 1);
  t.assign("c", TWO);
  assert.equal(cluster.hosts.healthFlags(slot!), HealthFlag.FailedActiveHc);
  assert.equal(stat(t, "update_no_rebuild"), 0);
});

void test("a host that comes back has forgotten its health", () => {
  const t = start();
  t.assign("c", TWO);
  const cluster = t.manager.get("c")!;
  t.manager.setHealthFlags(cluster, cluster.hosts.slots[1]!, HealthFlag.FailedActiveHc);
  t.assign("c", assignment([locality([endpoint("10.0.0.1")])]));
  t.assign("c", TWO);
  assert.deepEqual(
    cluster.hosts.slots.map((slot) => cluster.hosts.healthFlags(slot)),
    [0, 0],
  );
});

void test("the policy is the assignment's: factors with the hosts, the share to refuse alone", () => {
  const t = start();
  t.assign("c", TWO);
  t.posted = [];
  t.assign("c", { ...TWO, dropOverloadRatio: 0.5 });
  assert.deepEqual(t.posted, [
    { sequence: 2, kind: "hosts", cluster: "c", dropOverloadRatio: 0.5, hostSets: [] },
  ]);
  t.posted = [];
  t.assign("c", { ...TWO, overprovisioningFactor: 200, weightedPriorityHealth: true });
  const [update] = t.posted;
  assert.ok(update?.kind === "hosts");
  assert.equal(update.dropOverloadRatio, 0);
  assert.deepEqual(
    update.hostSets.map(({ hostSet }) => [
      hostSet.overprovisioningFactor,
      hostSet.weightedPriorityHealth,
    ]),
    [[200, true]],
  );
  assert.deepEqual(
    t.manager.snapshot().map((each) => each.kind === "cluster" && each.dropOverloadRatio),
    [0],
  );
});

void test("endpoints that became stale go, unless they are told again in time", () => {
  const t = start();
  t.assign("c", { ...TWO, staleAfterMs: 1000 });
  t.takePosted();
  t.runtime.advance(900);
  t.assign("c", { ...TWO, staleAfterMs: 1000 });
  t.runtime.advance(900);
  assert.deepEqual(t.takePosted(), []);
  t.runtime.advance(100);
  assert.deepEqual(t.takePosted(), ["hosts c P0 "]);
  assert.equal(stat(t, "assignment_timeout_received"), 2);
  assert.equal(stat(t, "assignment_stale"), 1);
  t.assign("c", TWO);
  assert.deepEqual(t.takePosted(), ["hosts c P0 10.0.0.1:80 10.0.0.2:80"]);
  assert.equal(t.runtime.nextMs, Infinity);
});

void test("a cluster that is gone watches nothing", () => {
  const t = new ManagedClusters();
  t.manager.addOrUpdate(definition([], { type: "EDS" }), { addedViaApi: true });
  t.assign("c", { ...TWO, staleAfterMs: 1000 });
  t.manager.remove("c");
  assert.deepEqual(t.subscriptions.watched, []);
  assert.equal(t.runtime.nextMs, Infinity);
});

void test("a source that cannot be used refuses the cluster, and what was there stays", () => {
  const t = new ManagedClusters();
  t.subscriptions.unusable = "ads: there is no ads_config";
  const add = (service: string): void =>
    void t.manager.addOrUpdate(definition([], { type: "EDS", service }));
  assert.throws(() => add("a"), /^Error: ads: there is no ads_config$/);
  assert.deepEqual(t.manager.warmingNames, []);
  t.subscriptions.unusable = "";
  add("a");
  t.subscriptions.unusable = "down";
  assert.throws(() => add("b"), /^Error: down$/);
  t.assign("a", TWO);
  assert.deepEqual(t.takePosted(), ["cluster c P0 10.0.0.1:80 10.0.0.2:80"]);
});

void test("endpoints that come one by one are awaited before hosts change", () => {
  const t = start();
  const leds = (collection: string): LocalityEndpoints => ({
    ...locality([]),
    leds: { collection, source: {} as ConfigSource, key: collection },
  });
  t.assign("c", assignment([leds("x"), leds("x")]));
  assert.deepEqual(t.subscriptions.watched, ["ClusterLoadAssignment c", "LbEndpoint x"]);
  assert.equal(t.manager.waitsFor("c"), "the endpoints x");
  assert.deepEqual(t.takePosted(), []);
  t.subscriptions.send("x", Buffer.from("10.0.0.1"));
  assert.deepEqual(t.takePosted(), ["cluster c P0 10.0.0.1:80"]);
  t.assign("c", assignment([leds("x"), leds("y")]));
  assert.deepEqual(t.takePosted(), []);
  t.subscriptions.timeOut("y");
  assert.deepEqual(t.takePosted(), []);
  t.assign("c", TWO);
  assert.deepEqual(t.takePosted(), ["hosts c P0 10.0.0.1:80 10.0.0.2:80"]);
  assert.deepEqual(t.subscriptions.watched, ["ClusterLoadAssignment c"]);
});
