import assert from "node:assert/strict";
import { test } from "node:test";
import { typeUrlOf } from "../types/resource-type.ts";
import type { VersionedResource } from "../types/versioned-resource.ts";
import { LinearCache } from "./linear-cache.ts";
import { routes, virtualHost } from "./resources.test-support.ts";
import { DeltaClient } from "./scripted-client.test-support.ts";
import { XdsServer } from "./server.ts";
import { SnapshotCache } from "./snapshot-cache.ts";
import { Snapshot } from "./snapshot.ts";

interface Fixture {
  readonly client: DeltaClient;
  readonly server: XdsServer;
  update(added: readonly VersionedResource[], removed?: readonly string[]): void;
}

function fixture(...first: VersionedResource[]): Fixture {
  const cache = new LinearCache(typeUrlOf("VHDS"), first);
  const server = new XdsServer({ cache });
  const update: Fixture["update"] = (added, removed) => cache.update(added, removed);
  return { client: new DeltaClient(server), server, update };
}

test("who asks for the virtual hosts of a route configuration gets them, and what becomes of them", () => {
  const { client, update } = fixture(
    virtualHost("ns/gw/80/a", "x"),
    virtualHost("ns/gw/80/b", "x"),
    virtualHost("ns/gw/8080/a", "x"),
    virtualHost("ns/gw/80/deeper/a", "x"),
    virtualHost("a", "x"),
  );
  client.subscribe("VHDS", ["ns/gw/80"]);
  assert.deepEqual(client.settle(), ["VHDS ns/gw/80/a ns/gw/80/b"]);
  update([virtualHost("ns/gw/80/b", "y"), virtualHost("ns/gw/8080/a", "y")]);
  assert.deepEqual(client.settle(), ["VHDS ns/gw/80/b"]);
  update([virtualHost("ns/gw/80/c", "x")], ["ns/gw/80/a", "ns/gw/8080/a"]);
  assert.deepEqual(client.settle(), ["VHDS ns/gw/80/c", "VHDS -ns/gw/80/a"]);
  client.unsubscribe("VHDS", ["ns/gw/80"]);
  update([virtualHost("ns/gw/80/c", "y")]);
  assert.deepEqual(client.settle(), []);
});

test("a route configuration without virtual hosts is said not to be there, and they come when there are some", () => {
  const { client, update } = fixture(virtualHost("other/a", "x"));
  client.subscribe("VHDS", ["routes"]);
  assert.deepEqual(client.settle(), ["VHDS -routes"]);
  update([virtualHost("routes/a", "x")]);
  assert.deepEqual(client.settle(), ["VHDS routes/a"]);
  client.subscribe("VHDS", ["other"]);
  assert.deepEqual(client.settle(), ["VHDS other/a"], "what is in it was noted meanwhile");
  update([], ["other/a", "routes/a"]);
  assert.deepEqual(client.settle(), ["VHDS -other/a -routes/a"]);
  client.subscribe("VHDS", ["other"]);
  assert.deepEqual(client.settle(), ["VHDS -other"]);
});

test("a virtual host can be asked for by its own name", () => {
  const { client, update } = fixture(virtualHost("routes/a", "x"));
  client.subscribe("VHDS", ["routes/a", "routes/b"]);
  assert.deepEqual(client.settle(), ["VHDS routes/a -routes/b"]);
  update([virtualHost("routes/b", "x"), virtualHost("routes/c", "x")], ["routes/a"]);
  assert.deepEqual(client.settle(), ["VHDS routes/b", "VHDS -routes/a"]);
});

test("a client that comes back is sent what differs from what it has", () => {
  const [a, b] = [virtualHost("routes/a", "x"), virtualHost("routes/b", "x")];
  const { client } = fixture(a, b);
  client.subscribe("VHDS", ["routes"], {
    initialResourceVersions: { "routes/a": a.version, "routes/b": "0", "routes/c": "0" },
  });
  assert.deepEqual(client.settle(), ["VHDS routes/b", "VHDS -routes/c"]);
});

test("a virtual host that was refused is known by name", () => {
  const { client, server } = fixture(virtualHost("routes/a", "x"));
  client.subscribe("VHDS", ["routes"]);
  client.drain();
  client.nack("VHDS", "bad");
  const [one] = server.statusOf(typeUrlOf("VHDS"), "routes/a");
  assert.equal(one?.refusal?.message, "bad");
  assert.deepEqual(
    server.refusals().map(({ name, refusal }) => [name, refusal.message]),
    [["routes/a", "bad"]],
  );
});

test("who asks for all virtual hosts gets those of a route configuration once more when it has that", () => {
  const cache = new SnapshotCache();
  cache.set("n", new Snapshot([routes("one", "x"), virtualHost("one/a", "x")]));
  const client = new DeltaClient(new XdsServer({ cache }));
  client.subscribe("VHDS");
  client.subscribe("RDS", ["one"]);
  assert.deepEqual(client.settle(), ["RDS one", "VHDS one/a"]);
  const more = [routes("two", "x"), virtualHost("one/a", "x"), virtualHost("two/a", "x")];
  cache.set("n", new Snapshot([routes("one", "x"), ...more]));
  assert.deepEqual(
    client.settle(),
    ["VHDS two/a"],
    "the client has no such route configuration yet",
  );
  client.subscribe("RDS", ["two"]);
  assert.deepEqual(client.settle(), ["RDS two", "VHDS two/a"]);
});
