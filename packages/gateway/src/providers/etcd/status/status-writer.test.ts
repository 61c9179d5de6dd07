import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, ConnectError } from "@connectrpc/connect";
import type { ObjectStatus } from "../../../status/object-status.ts";
import type { FakeEtcd } from "../../../testing/etcd/fake-etcd.ts";
import {
  connected,
  etcdRig,
  serviceKey,
  serviceYaml,
  startEtcd,
} from "../../../testing/etcd/rig.ts";
import { until } from "../../../testing/etcd/until.ts";
import type { StatusChanges } from "../../provider.ts";

const LIMIT = { timeout: 20_000 };
const LEADER = "/nuncio/leader";

function statusKey(name: string): string {
  return `/nuncio/status/core/Service/ns/${name}`;
}

/** Services stand for all kinds: their statuses have nothing special. */
function statuses(changes: Readonly<Record<string, string | undefined>>): StatusChanges {
  return new Map(
    Object.entries(changes).map(([name, reason]) => [
      `Service/ns/${name}`,
      reason === undefined ? undefined : statusOf(name, reason),
    ]),
  );
}

function statusOf(name: string, reason: string): ObjectStatus {
  const status = reason === "Accepted" ? "True" : "False";
  const condition = {
    type: "Accepted",
    status,
    reason,
    message: "",
    observedGeneration: 1,
  } as const;
  return { kind: "Service", key: `ns/${name}`, status: { conditions: [condition] } };
}

/** `Accepted` of a status as it is written. */
function written(
  etcd: FakeEtcd,
  name: string,
): { reason: string; lastTransitionTime: string } | undefined {
  const text = etcd.store.text(statusKey(name));
  if (text === undefined) return undefined;
  return JSON.parse(text).conditions[0];
}

test("statuses of objects in etcd are written, once", LIMIT, async (t) => {
  const { etcd, url } = await startEtcd(t);
  for (const name of ["a", "b"]) etcd.store.put(serviceKey(name), serviceYaml(name, 80));
  const rig = etcdRig(t, [url]);
  await connected(rig);
  rig.providers.writeStatuses(statuses({ a: "Accepted", b: "Invalid", elsewhere: "Accepted" }));
  await until(() => written(etcd, "b") !== undefined);
  assert.match(written(etcd, "a")!.lastTransitionTime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  assert.equal(written(etcd, "elsewhere"), undefined);
  const { modRevision } = etcd.store.keys.get(statusKey("a"))!;

  rig.providers.writeStatuses(statuses({ a: "Accepted", b: "Accepted" }));
  await until(() => written(etcd, "b")?.reason === "Accepted");
  assert.equal(etcd.store.keys.get(statusKey("a"))!.modRevision, modRevision);
});

test("a time of before stays as long as the condition does", LIMIT, async (t) => {
  const { etcd, url } = await startEtcd(t);
  for (const name of ["a", "b"]) etcd.store.put(serviceKey(name), serviceYaml(name, 80));
  const before = { type: "Accepted", status: "True", lastTransitionTime: "2020-01-01T00:00:00Z" };
  for (const name of ["a", "b"])
    etcd.store.put(statusKey(name), JSON.stringify({ conditions: [before] }));
  etcd.store.put(statusKey("a"), JSON.stringify({ conditions: [before] }));
  const rig = etcdRig(t, [url]);
  await connected(rig);
  rig.providers.writeStatuses(statuses({ a: "Accepted", b: "Invalid" }));
  await until(() => written(etcd, "a")?.reason === "Accepted");
  assert.equal(written(etcd, "a")!.lastTransitionTime, before.lastTransitionTime);
  assert.notEqual(written(etcd, "b")!.lastTransitionTime, before.lastTransitionTime);
});

test("statuses of objects that are gone go, those of before as well", LIMIT, async (t) => {
  const { etcd, url } = await startEtcd(t);
  etcd.store.put(serviceKey("a"), serviceYaml("a", 80));
  etcd.store.put(statusKey("of-before"), "{}");
  const rig = etcdRig(t, [url]);
  await connected(rig);
  rig.providers.writeStatuses(statuses({ a: "Accepted" }));
  await until(() => written(etcd, "a") !== undefined && written(etcd, "of-before") === undefined);
  etcd.store.remove(serviceKey("a"));
  await until(() => written(etcd, "a") === undefined);
  // It comes again, and its status is what it was: nobody says it anew.
  etcd.store.put(serviceKey("a"), serviceYaml("a", 80));
  await until(() => written(etcd, "a") !== undefined);
  rig.providers.writeStatuses(statuses({ a: undefined }));
  await until(() => written(etcd, "a") === undefined);
});

test("what somebody else wrote is read, and written over", LIMIT, async (t) => {
  const { etcd, url } = await startEtcd(t);
  etcd.store.put(serviceKey("a"), serviceYaml("a", 80));
  const rig = etcdRig(t, [url]);
  await connected(rig);
  rig.providers.writeStatuses(statuses({ a: "Accepted" }));
  await until(() => written(etcd, "a") !== undefined);
  const others = { type: "Theirs", status: "True", reason: "", message: "" };
  etcd.store.put(statusKey("a"), JSON.stringify({ conditions: [others] }));
  rig.providers.writeStatuses(statuses({ a: "Invalid" }));
  await until(() => written(etcd, "a")?.reason === "Invalid");
  assert.match(etcd.store.text(statusKey("a"))!, /Theirs/);
  etcd.store.put(statusKey("a"), "no JSON");
  rig.providers.writeStatuses(statuses({ a: "Accepted" }));
  await until(() => etcd.store.text(statusKey("a"))!.includes('"reason":"Accepted"'));
});

test("of two control planes one writes, and the other one when that has gone", LIMIT, async (t) => {
  const { etcd, url } = await startEtcd(t);
  etcd.store.put(serviceKey("a"), serviceYaml("a", 80));
  const [first, second] = [etcdRig(t, [url]), etcdRig(t, [url])];
  await connected(first);
  await connected(second);
  first.providers.writeStatuses(statuses({ a: "Accepted" }));
  await until(() => written(etcd, "a") !== undefined);
  second.providers.writeStatuses(statuses({ a: "Invalid" }));
  first.providers.writeStatuses(statuses({ a: "Pending" }));
  await until(() => written(etcd, "a")?.reason === "Pending");
  const leader = etcd.store.text(LEADER);
  etcd.calls.length = 0;
  // It looks now and then, and writes nothing.
  await until(() => etcd.calls.filter((call) => call === "range").length > 3);
  assert.ok(!etcd.calls.includes("txn"));
  await first.providers.close();
  await until(() => written(etcd, "a")?.reason === "Invalid");
  assert.notEqual(etcd.store.text(LEADER), leader);
});

test("a leader whose lease has ended writes no more", LIMIT, async (t) => {
  const { etcd, url } = await startEtcd(t);
  for (const name of ["a", "b"]) etcd.store.put(serviceKey(name), serviceYaml(name, 80));
  const rig = etcdRig(t, [url], { leaseIntervalMs: 1_000_000 });
  await connected(rig);
  rig.providers.writeStatuses(statuses({ a: "Accepted" }));
  await until(() => written(etcd, "a") !== undefined);
  etcd.expire([...etcd.leases][0]!);
  etcd.store.put(LEADER, "somebody else");
  etcd.calls.length = 0;
  rig.providers.writeStatuses(statuses({ b: "Accepted" }));
  await until(() => etcd.calls.includes("txn"));
  // What it writes goes with a comparison of the leader, so it learns that another one leads.
  await rig.providers.close();
  assert.equal(written(etcd, "b"), undefined);
});

test("a lease that has ended is made anew", LIMIT, async (t) => {
  const { etcd, url } = await startEtcd(t);
  etcd.store.put(serviceKey("a"), serviceYaml("a", 80));
  const rig = etcdRig(t, [url]);
  await connected(rig);
  rig.providers.writeStatuses(statuses({ a: "Accepted" }));
  await until(() => written(etcd, "a") !== undefined);
  etcd.expire([...etcd.leases][0]!);
  assert.equal(etcd.store.text(LEADER), undefined);
  rig.providers.writeStatuses(statuses({ a: "Invalid" }));
  await until(() => written(etcd, "a")?.reason === "Invalid");
  assert.equal(etcd.leases.size, 1);
});

test("more than etcd takes at once goes in several", LIMIT, async (t) => {
  const { etcd, url } = await startEtcd(t);
  const names = Array.from({ length: 150 }, (_, index) => `s${index}`);
  for (const name of names) etcd.store.put(serviceKey(name), serviceYaml(name, 80));
  const rig = etcdRig(t, [url]);
  await connected(rig);
  rig.providers.writeStatuses(
    statuses(Object.fromEntries(names.map((name) => [name, "Accepted"]))),
  );
  await until(() => names.every((name) => written(etcd, name) !== undefined));
  // One is for the leader.
  assert.equal(etcd.calls.filter((call) => call === "txn").length, 1 + 3);
});

test("what etcd does not take is told once, and does not stop the others", LIMIT, async (t) => {
  const { etcd, url } = await startEtcd(t);
  etcd.store.put(serviceKey("a"), serviceYaml("a", 80));
  const rig = etcdRig(t, [url]);
  await connected(rig);
  rig.providers.writeStatuses(statuses({ a: "Accepted" }));
  await until(() => written(etcd, "a") !== undefined);
  etcd.failures.set("txn", new ConnectError("etcdserver: no space", Code.ResourceExhausted));
  etcd.calls.length = 0;
  rig.providers.writeStatuses(statuses({ a: "Invalid" }));
  await until(() => etcd.calls.filter((call) => call === "txn").length > 2);
  const line = "/nuncio/status/: not written: ResourceExhausted: etcdserver: no space";
  assert.deepEqual(
    rig.log.filter((each) => each === line),
    [line],
  );
  etcd.failures.clear();
  await until(() => written(etcd, "a")?.reason === "Invalid");
});
