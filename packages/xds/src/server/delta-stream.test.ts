import assert from "node:assert/strict";
import { test } from "node:test";
import { typeUrlOf } from "../types/resource-type.ts";
import type { VersionedResource } from "../types/versioned-resource.ts";
import { ManualClock } from "./manual-clock.test-support.ts";
import { cluster, edsCluster, endpoints, listener, routes } from "./resources.test-support.ts";
import { DeltaClient } from "./scripted-client.test-support.ts";
import { XdsServer } from "./server.ts";
import { SnapshotCache } from "./snapshot-cache.ts";
import { Snapshot } from "./snapshot.ts";

interface Fixture {
  readonly client: DeltaClient;
  readonly server: XdsServer;
  readonly clock: ManualClock;
  put(...resources: VersionedResource[]): void;
}

function fixture(...first: VersionedResource[]): Fixture {
  const cache = new SnapshotCache();
  const clock = new ManualClock();
  const server = new XdsServer({ cache, clock });
  const put = (...resources: VersionedResource[]): void => cache.set("n", new Snapshot(resources));
  if (first.length > 0) put(...first);
  return { client: new DeltaClient(server), server, clock, put };
}

test("a change of one resource sends one resource", () => {
  const { client, put } = fixture(routes("r1", "a"), routes("r2", "a"));
  client.subscribe("RDS", ["r1", "r2"]);
  assert.deepEqual(client.settle(), ["RDS r1 r2"]);
  put(routes("r1", "a"), routes("r2", "b"));
  assert.deepEqual(client.settle(), ["RDS r2"]);
});

test("a wildcard brings what is added and says what is gone", () => {
  const { client, put } = fixture(cluster("a"), cluster("b"));
  client.subscribe("CDS", ["*"]);
  assert.deepEqual(client.settle(), ["CDS a b"]);
  put(cluster("b"), cluster("c"));
  assert.deepEqual(client.settle(), ["CDS c", "CDS -a"]);
});

test("a first request without names is a wildcard, a later one is none", () => {
  const { client } = fixture(cluster("a"), endpoints("e"));
  client.subscribe("CDS");
  assert.deepEqual(client.settle(), ["CDS a"]);
  client.subscribe("EDS", ["e"]);
  client.subscribe("EDS");
  assert.deepEqual(client.settle(), ["EDS e"]);
});

test("a wildcard is answered even when there is nothing", () => {
  const { client } = fixture(endpoints("e"));
  client.subscribe("CDS", ["*"]);
  assert.deepEqual(client.settle(), ["CDS"]);
});

test("a name that is not there is said to be removed, and comes when it is there", () => {
  const { client, put } = fixture(endpoints("e1"));
  client.subscribe("EDS", ["e1", "e2"]);
  assert.deepEqual(client.settle(), ["EDS e1 -e2"]);
  put(endpoints("e1"), endpoints("e2"));
  assert.deepEqual(client.settle(), ["EDS e2"]);
});

test("a name that is subscribed to again is sent again", () => {
  const { client } = fixture(endpoints("e1"));
  client.subscribe("EDS", ["e1"]);
  client.settle();
  client.subscribe("EDS", ["e1"]);
  assert.deepEqual(client.settle(), ["EDS e1"]);
});

test("nothing is heard of a name after it was unsubscribed from", () => {
  const { client, put } = fixture(endpoints("e1"), endpoints("e2"));
  client.subscribe("EDS", ["e1", "e2"]);
  client.settle();
  client.unsubscribe("EDS", ["e1"]);
  put(endpoints("e1", 2), endpoints("e2", 2));
  assert.deepEqual(client.settle(), ["EDS e2"]);
  put(endpoints("e2", 2));
  assert.deepEqual(client.settle(), []);
});

test("under a wildcard an unsubscription is answered by what the wildcard brings", () => {
  const { client } = fixture(cluster("a"));
  client.subscribe("CDS", ["*", "a", "b"]);
  assert.deepEqual(client.settle(), ["CDS a -b"]);
  client.unsubscribe("CDS", ["a", "b"]);
  assert.deepEqual(client.settle(), ["CDS a -b"]);
});

test("the end of the wildcard leaves the names", () => {
  const { client, put } = fixture(cluster("a"), cluster("b"));
  client.subscribe("CDS", ["*", "a"]);
  client.settle();
  client.unsubscribe("CDS", ["*"]);
  put(cluster("a", "2s"), cluster("c"));
  assert.deepEqual(client.settle(), ["CDS a"]);
});

test("a client that comes back is sent what differs from what it has", () => {
  const [a, b, c] = [cluster("a"), cluster("b"), cluster("c")];
  const { client, server } = fixture(a, b, cluster("c", "2s"));
  const again = new DeltaClient(server);
  client.subscribe("CDS", ["*"], {
    initialResourceVersions: { a: a.version, b: b.version, c: c.version, d: "0" },
  });
  assert.deepEqual(client.settle(), ["CDS c", "CDS -d"]);
  again.subscribe("EDS", ["e"], { initialResourceVersions: { e: "0", other: "1" } });
  assert.deepEqual(again.settle(), ["EDS -e"]);
});

test("what the client has is asked for at the first request of a type only", () => {
  const { client } = fixture(endpoints("e1"), endpoints("e2"));
  client.subscribe("EDS", ["e1"]);
  client.settle();
  const { version } = endpoints("e2");
  client.subscribe("EDS", ["e2"], { initialResourceVersions: { e2: version } });
  assert.deepEqual(client.settle(), ["EDS e2"]);
});

test("one response of a type is under way; the next one is the newest state", () => {
  const { client, put } = fixture(cluster("a"));
  client.subscribe("CDS", ["*"]);
  assert.deepEqual(client.drain(), ["CDS a"]);
  put(cluster("a"), cluster("b"));
  put(cluster("a", "2s"), cluster("c"));
  put(cluster("a"), cluster("c", "2s"));
  assert.deepEqual(client.drain(), []);
  client.ack("CDS");
  assert.deepEqual(client.settle(), ["CDS c"]);
});

test("a subscription counts whatever nonce it comes with", () => {
  const { client } = fixture(endpoints("e1"), endpoints("e2"));
  client.subscribe("EDS", ["e1"]);
  assert.deepEqual(client.drain(), ["EDS e1"]);
  client.subscribe("EDS", ["e2"], { responseNonce: "77" });
  assert.deepEqual(client.drain(), [], "the first response is not answered yet");
  client.ack("EDS");
  assert.deepEqual(client.drain(), ["EDS e2"]);
});

test("of clusters that are refused together the good ones are sent again without the bad one", () => {
  const { client, server, put } = fixture(cluster("a"), cluster("b"), cluster("bad"));
  client.subscribe("CDS", ["*"]);
  const sent: string[] = [];
  for (let text = client.read(); text !== undefined; text = client.read()) {
    sent.push(text);
    assert.deepEqual(server.refusals(), [], "nobody knows yet which one it is");
    if (text.includes("bad")) client.nack("CDS", "bad is bad");
    else client.ack("CDS");
  }
  assert.deepEqual(
    server.refusals().map(({ name }) => name),
    ["bad"],
  );
  assert.deepEqual(sent, ["CDS a b bad", "CDS a b", "CDS bad"]);
  const states = server.status()[0]?.types[0]?.resources.map(({ state }) => state);
  assert.deepEqual(states, ["accepted", "accepted", "refused"]);
  put(cluster("a"), cluster("b"), cluster("bad", "2s"));
  assert.deepEqual(client.settle(), ["CDS bad"]);
});

test("what was refused and has changed meanwhile is not tried again", () => {
  const { client, put } = fixture(cluster("a"), cluster("b"));
  client.subscribe("CDS", ["*"]);
  client.drain();
  put(cluster("a", "2s"));
  client.nack("CDS", "bad");
  assert.deepEqual(client.settle(), ["CDS a", "CDS -b"]);
});

test("what is gone is said after everything that may refer to it, last types first", () => {
  const { client, put } = fixture(cluster("a"), endpoints("a"), routes("r", "a"));
  client.subscribe("CDS", ["*"]);
  client.subscribe("EDS", ["a"]);
  client.subscribe("RDS", ["r"]);
  client.settle();
  put(cluster("b"), routes("r", "b"));
  assert.deepEqual(client.drain(), ["CDS b", "RDS r"]);
  client.ack("CDS");
  assert.deepEqual(client.drain(), [], "the client has not said that it has the routes");
  client.ack("RDS");
  assert.deepEqual(client.settle(), ["EDS -a", "CDS -a"]);
});

test("a listener that goes is told with the one that may take its address", () => {
  const { client, put } = fixture(cluster("a"), listener("old"));
  client.subscribe("CDS", ["*"]);
  client.subscribe("LDS", ["*"]);
  client.settle();
  put(cluster("b"), listener("new"));
  assert.deepEqual(client.settle(), ["CDS b", "LDS new -old", "CDS -a"]);
});

test("routes do not overtake a cluster whose turn has not come", () => {
  const { client, put } = fixture(cluster("a"), routes("r", "a"));
  client.subscribe("CDS", ["*"]);
  client.subscribe("RDS", ["r"]);
  client.settle();
  put(cluster("b"), routes("r", "b"));
  client.drain();
  client.ack("CDS");
  client.ack("RDS");
  assert.deepEqual(client.drain(), ["CDS -a"]);
  put(cluster("a"), routes("r", "a"));
  assert.deepEqual(client.drain(), [], "the client has no cluster a, and cannot be sent it yet");
  client.ack("CDS");
  assert.deepEqual(client.settle(), ["CDS a", "RDS r", "CDS -b"]);
});

test("what comes back before it was said to be gone is not said to be", () => {
  const { client, put } = fixture(cluster("a"), cluster("b"));
  client.subscribe("CDS", ["*"]);
  assert.deepEqual(client.drain(), ["CDS a b"]);
  put(cluster("b"));
  put(cluster("a"), cluster("b"));
  client.ack("CDS");
  assert.deepEqual(client.settle(), []);
});

test("routes wait for the endpoints of clusters that were sent before them", () => {
  const { client, put } = fixture(edsCluster("a"), endpoints("a"), routes("r", "a"));
  client.subscribe("CDS", ["*"]);
  client.subscribe("RDS", ["r"]);
  assert.deepEqual(client.settle(), ["CDS a"]);
  client.subscribe("EDS", ["a"]);
  assert.deepEqual(client.settle(), ["EDS a", "RDS r"]);
  put(edsCluster("a", "2s"), endpoints("a"), routes("r", "a"));
  assert.deepEqual(client.settle(), ["CDS a", "EDS a"]);
});

test("endpoints that go before they are sent again with their cluster are said to be gone", () => {
  const { client, put } = fixture(endpoints("a"));
  client.subscribe("CDS", ["*"]);
  client.subscribe("EDS", ["a"]);
  assert.deepEqual(client.drain(), ["CDS", "EDS a"]);
  put(edsCluster("a"), endpoints("a"));
  client.ack("CDS");
  assert.deepEqual(client.drain(), ["CDS a"], "the endpoints are not answered yet");
  put();
  client.ack("CDS");
  client.ack("EDS");
  assert.deepEqual(client.settle(), ["EDS -a", "CDS -a"]);
});

test("a resource with a time to live is said to be alive without its body", () => {
  const { client, clock } = fixture(
    endpoints("e1", 1, { ttlMs: 1_000 }),
    endpoints("e2", 1, { ttlMs: 3_000 }),
    endpoints("e3"),
  );
  client.subscribe("EDS", ["e1", "e2", "e3"]);
  assert.deepEqual(client.settle(), ["EDS e1 e2 e3"]);
  clock.advance(500);
  assert.deepEqual(client.settle(), ["EDS ~e1 ~e2"]);
  client.stream.close();
  assert.equal(clock.timers, 0);
});

test("a shorter time to live than the ones before is kept too", () => {
  const hour = endpoints("e1", 1, { ttlMs: 3_600_000 });
  const { client, clock, put } = fixture(hour);
  client.subscribe("EDS", ["e1", "e2"]);
  assert.deepEqual(client.settle(), ["EDS e1 -e2"]);
  put(hour, endpoints("e2", 1, { ttlMs: 1_000 }));
  assert.deepEqual(client.settle(), ["EDS e2"]);
  clock.advance(500);
  assert.deepEqual(client.settle(), ["EDS ~e1 ~e2"]);
});

test("a stream of one type needs no type URL", () => {
  const { server } = fixture(cluster("a"));
  const client = new DeltaClient(server, typeUrlOf("CDS"));
  client.send({});
  assert.deepEqual(client.drain(), ["CDS a"]);
});

test("names of the xDS transport protocol are the same in each spelling", () => {
  const prefix = "xdstp://cp/envoy.config.endpoint.v3.ClusterLoadAssignment/e";
  const { client, put } = fixture(endpoints("e", 1, { name: `${prefix}?b=2&a=1` }));
  client.subscribe("EDS", [`${prefix}?a=1&b=2`]);
  assert.deepEqual(client.settle(), [`EDS ${prefix}?a=1&b=2`]);
  client.unsubscribe("EDS", [`${prefix}?b=2&a=1`]);
  put(endpoints("e", 2, { name: `${prefix}?b=2&a=1` }));
  assert.deepEqual(client.settle(), []);
});

test("a glob collection brings what is in it, what is added, and says what is gone", () => {
  const folder = "xdstp://cp/envoy.config.endpoint.v3.ClusterLoadAssignment/a";
  const named = (id: string, weight: number): VersionedResource =>
    endpoints("e", weight, { name: `${folder}/${id}` });
  const { client, put } = fixture(named("1", 1), named("deeper/1", 1), endpoints("e"));
  client.subscribe("EDS", [`${folder}/*`]);
  assert.deepEqual(client.settle(), [`EDS ${folder}/1`]);
  put(named("1", 1), named("2", 1), named("deeper/1", 2));
  assert.deepEqual(client.settle(), [`EDS ${folder}/2`]);
  put(named("2", 1));
  assert.deepEqual(client.settle(), [`EDS -${folder}/1`]);
  client.unsubscribe("EDS", [`${folder}/*`]);
  put(named("2", 2));
  assert.deepEqual(client.settle(), []);
});

test("a glob collection that has nothing in it is said not to be there, and comes when it is", () => {
  const collection = "xdstp://cp/envoy.config.endpoint.v3.ClusterLoadAssignment/*?a=1";
  const { client, put } = fixture(endpoints("e"));
  client.subscribe("EDS", [collection]);
  assert.deepEqual(client.settle(), [`EDS -${collection}`]);
  const name = collection.replace("*", "one");
  put(endpoints("e", 1, { name }));
  assert.deepEqual(client.settle(), [`EDS ${name}`]);
});

test("who leaves a glob collection and still wants one of its resources hears of that one", () => {
  const folder = "xdstp://cp/envoy.config.endpoint.v3.ClusterLoadAssignment/a";
  const named = (id: string, weight: number): VersionedResource =>
    endpoints("e", weight, { name: `${folder}/${id}` });
  const { client, put } = fixture(named("1", 1), named("2", 1));
  client.subscribe("EDS", [`${folder}/*`, `${folder}/1`]);
  assert.deepEqual(client.settle(), [`EDS ${folder}/1 ${folder}/2`]);
  client.unsubscribe("EDS", [`${folder}/*`]);
  put(named("1", 2), named("2", 2));
  assert.deepEqual(client.settle(), [`EDS ${folder}/1`]);
});
