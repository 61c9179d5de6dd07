import assert from "node:assert/strict";
import { test } from "node:test";
import { typeUrlOf } from "../types/resource-type.ts";
import { LinearCache } from "./linear-cache.ts";
import { MuxCache } from "./mux-cache.ts";
import {
  cluster,
  edsCluster,
  endpoints,
  listener,
  node,
  routes,
} from "./resources.test-support.ts";
import { DeltaClient, SotwClient } from "./scripted-client.test-support.ts";
import { XdsServer } from "./server.ts";
import { SnapshotCache } from "./snapshot-cache.ts";
import { Snapshot } from "./snapshot.ts";

const EDS = typeUrlOf("EDS");

test("a linear cache sends what was updated and what was removed", () => {
  const cache = new LinearCache(EDS, [endpoints("a"), endpoints("b")]);
  const client = new DeltaClient(new XdsServer({ cache }));
  client.subscribe("EDS", ["*"]);
  assert.deepEqual(client.settle(), ["EDS a b"]);
  cache.update([endpoints("b", 2), endpoints("c")], ["a", "nothing"]);
  assert.deepEqual(client.settle(), ["EDS b c", "EDS -a"]);
  assert.deepEqual(cache.names(), ["b", "c"]);
  assert.equal(cache.get("b")?.version, endpoints("b", 2).version);
});

test("a linear cache takes an update as a whole or not at all", () => {
  const cache = new LinearCache(EDS);
  assert.throws(
    () => cache.update([endpoints("a"), cluster("c")]),
    /expected a resource of .*Load/,
  );
  assert.deepEqual(cache.names(), []);
});

test("a type that a cache does not serve is not answered", () => {
  const client = new SotwClient(new XdsServer({ cache: new LinearCache(EDS) }));
  client.want("CDS");
  assert.deepEqual(client.settle(), []);
});

test("the version of a set depends on its content and not on the way to it", () => {
  const version = (cache: LinearCache): string => cache.tableFor(node(), EDS)!.set!.version;
  const cache = new LinearCache(EDS, [endpoints("a"), endpoints("b", 2)]);
  const other = new LinearCache(EDS, [endpoints("b"), endpoints("x")]);
  other.update([endpoints("b", 2), endpoints("a")], ["x"]);
  assert.equal(version(cache), version(other));
  assert.equal(
    new Snapshot([endpoints("b", 2), endpoints("a")]).ofType(EDS).version,
    version(cache),
  );
  cache.update([endpoints("a", 3)]);
  assert.notEqual(version(cache), version(other));
});

test("a mux cache has another cache for each type", () => {
  const linear = new LinearCache(EDS, [endpoints("e")]);
  const snapshots = new SnapshotCache();
  snapshots.set("n", new Snapshot([cluster("a"), endpoints("not this one")]));
  const cache = new MuxCache(new Map([[EDS, linear]]), snapshots);
  const client = new SotwClient(new XdsServer({ cache }));
  client.want("CDS");
  client.want("EDS");
  assert.deepEqual(client.settle(), ["CDS a", "EDS e"]);
  assert.equal(new MuxCache(new Map([[EDS, linear]])).tableFor(node(), "x"), undefined);
});

test("clients of a group get the same snapshot, others another", () => {
  const cache = new SnapshotCache({ groupOf: ({ id }) => id.slice(0, 1) });
  const server = new XdsServer({ cache });
  cache.set("a", new Snapshot([cluster("for-a")]));
  cache.set("b", new Snapshot([cluster("for-b")]));
  const seen = ["a1", "a2", "b1"].map((id) => {
    const client = new SotwClient(server);
    client.want("CDS", [], { node: node(id) });
    return client.settle().join();
  });
  assert.deepEqual(seen, ["CDS for-a", "CDS for-a", "CDS for-b"]);
});

test("a change wakes the clients that have subscribed to it and no other", () => {
  const cache = new SnapshotCache();
  const server = new XdsServer({ cache });
  cache.set("n", new Snapshot([endpoints("a"), endpoints("b")]));
  const [first, second] = ["a", "b"].map((name) => {
    const client = new SotwClient(server);
    client.want("EDS", [name]);
    client.settle();
    client.wakes = 0;
    return client;
  });
  cache.set("n", new Snapshot([endpoints("a"), endpoints("b", 2)]));
  assert.equal(first?.wakes, 0);
  assert.ok(second!.wakes > 0);
});

test("all types of a snapshot are in place when the first client hears of it", () => {
  const cache = new SnapshotCache();
  cache.set("n", new Snapshot([cluster("a"), endpoints("e")]));
  const seen: string[] = [];
  const table = cache.tableFor(node(), typeUrlOf("CDS"));
  const other = cache.tableFor(node(), EDS);
  const watcher = { changed: () => seen.push(other.set!.version), changedAll() {} };
  table.watchAll(watcher);
  const next = new Snapshot([cluster("a", "2s"), endpoints("e", 2)]);
  cache.set("n", next);
  assert.deepEqual(seen, [next.ofType(EDS).version]);
});

test("a snapshot with two resources of a name is refused", () => {
  assert.throws(
    () => new Snapshot([cluster("a"), cluster("a", "2s")]),
    /two CDS resources are called "a"/,
  );
});

test("a type in which nothing changed keeps its version, unless a version is given", () => {
  const before = new Snapshot([cluster("a"), endpoints("e")]);
  const after = new Snapshot([cluster("a"), endpoints("e", 2)]);
  assert.equal(before.ofType(typeUrlOf("CDS")).version, after.ofType(typeUrlOf("CDS")).version);
  assert.notEqual(before.ofType(EDS).version, after.ofType(EDS).version);
  const given = new Snapshot([cluster("a")], "7");
  assert.equal(given.ofType(typeUrlOf("CDS")).version, "7");
  assert.equal(given.ofType(EDS).version, "7");
  assert.deepEqual(after.typeUrls(), [typeUrlOf("CDS"), EDS]);
});

test("a snapshot says what its clients would wait for in vain", () => {
  const consistent = new Snapshot([
    edsCluster("a"),
    edsCluster("b", "1s", "service"),
    cluster("c"),
    listener("l", "r"),
    endpoints("a"),
    endpoints("service"),
    routes("r", "a"),
  ]);
  assert.deepEqual(consistent.problems(), []);
  const lacking = new Snapshot([
    edsCluster("b", "1s", "service"),
    listener("l", "r"),
    cluster("c"),
  ]);
  assert.deepEqual(lacking.problems(), [
    'CDS "b" needs EDS "service", which is not in the snapshot',
    'LDS "l" needs RDS "r", which is not in the snapshot',
  ]);
});
