import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { discoverySchemas } from "../types/discovery-messages.ts";
import { typeUrlOf } from "../types/resource-type.ts";
import type { VersionedResource } from "../types/versioned-resource.ts";
import { ManualClock } from "./manual-clock.test-support.ts";
import { cluster, edsCluster, endpoints, listener, routes } from "./resources.test-support.ts";
import { SotwClient } from "./scripted-client.test-support.ts";
import { XdsServer } from "./server.ts";
import { SnapshotCache } from "./snapshot-cache.ts";
import { Snapshot } from "./snapshot.ts";

interface Fixture {
  readonly client: SotwClient;
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
  return { client: new SotwClient(server), server, clock, put };
}

test("nothing is sent before there is a snapshot, then all of it", () => {
  const { client, put } = fixture();
  client.want("CDS");
  assert.deepEqual(client.drain(), []);
  put(cluster("a"), cluster("b"));
  assert.deepEqual(client.drain(), ["CDS a b"]);
});

test("a wildcard is answered even when there is nothing", () => {
  const { client } = fixture(endpoints("e"));
  client.want("CDS");
  assert.deepEqual(client.settle(), ["CDS"]);
  assert.deepEqual(client.settle(), []);
});

test("a response of clusters is complete: what is gone is left out", () => {
  const { client, put } = fixture(cluster("a"), cluster("b"));
  client.want("CDS", ["*"]);
  assert.deepEqual(client.settle(), ["CDS a b"]);
  put(cluster("a", "2s"), cluster("b"));
  assert.deepEqual(client.settle(), ["CDS a b"]);
  put(cluster("a", "2s"));
  assert.deepEqual(client.settle(), ["CDS a"]);
});

test("an equal snapshot is no news", () => {
  const { client, put } = fixture(cluster("a"), endpoints("e"));
  client.want("CDS");
  client.want("EDS", ["e"]);
  client.settle();
  put(cluster("a"), endpoints("e"));
  assert.deepEqual(client.settle(), []);
});

test("a response of endpoints has what was asked for and is new", () => {
  const { client, put } = fixture(endpoints("e1"), endpoints("e2"), endpoints("e3"));
  client.want("EDS", ["e1", "e2", "missing"]);
  assert.deepEqual(client.settle(), ["EDS e1 e2"]);
  put(endpoints("e1"), endpoints("e2", 2), endpoints("e3", 2));
  assert.deepEqual(client.settle(), ["EDS e2"]);
  put(endpoints("e1"), endpoints("e2", 2), endpoints("missing"));
  assert.deepEqual(client.settle(), ["EDS missing"]);
});

test("a name that is asked for again is sent again", () => {
  const { client } = fixture(endpoints("e1"), endpoints("e2"));
  client.want("EDS", ["e1", "e2"]);
  client.settle();
  client.want("EDS", ["e1"]);
  assert.deepEqual(client.settle(), []);
  client.want("EDS", ["e1", "e2"]);
  assert.deepEqual(client.settle(), ["EDS e2"]);
});

test("a listener that is asked for by name and is not there is answered by its absence", () => {
  const { client } = fixture(listener("l1"));
  client.want("LDS", ["l1", "l2"]);
  assert.deepEqual(client.settle(), ["LDS l1"]);
  client.want("LDS", ["l1", "l2", "l3"]);
  assert.deepEqual(client.settle(), ["LDS l1"]);
});

test("a client that has named something can come to want nothing", () => {
  const { client, put } = fixture(cluster("a"), cluster("b"));
  client.want("CDS");
  assert.deepEqual(client.settle(), ["CDS a b"]);
  client.want("CDS", ["a"]);
  assert.deepEqual(client.settle(), ["CDS a"]);
  client.want("CDS", []);
  put(cluster("a", "2s"));
  assert.deepEqual(client.settle().join(), "");
});

test("a wildcard beside names is told by its star", () => {
  const { client } = fixture(cluster("a"), cluster("b"));
  client.want("CDS", ["a"]);
  assert.deepEqual(client.settle(), ["CDS a"]);
  client.want("CDS", ["a", "*"]);
  assert.deepEqual(client.settle(), ["CDS a b"]);
});

test("one response of a type is under way; the next one is the newest state", () => {
  const { client, put } = fixture(cluster("a"));
  client.want("CDS");
  assert.deepEqual(client.drain(), ["CDS a"]);
  put(cluster("a"), cluster("b"));
  put(cluster("a"), cluster("c"));
  put(cluster("a"), cluster("d"));
  assert.deepEqual(client.drain(), []);
  client.ack("CDS");
  assert.deepEqual(client.drain(), ["CDS a d"]);
});

test("a stale nonce has no effect", () => {
  const { client } = fixture(endpoints("e1"), endpoints("e2"));
  client.want("EDS", ["e1"]);
  assert.deepEqual(client.drain(), ["EDS e1"]);
  client.want("EDS", ["e1", "e2"], { responseNonce: "" });
  client.want("EDS", ["e1", "e2"], { responseNonce: "99" });
  assert.deepEqual(client.drain(), []);
  client.ack("EDS");
  assert.deepEqual(client.drain(), ["EDS e2"]);
});

test("a repeated answer is an answer once", () => {
  const { client, server } = fixture(endpoints("e1"));
  client.want("EDS", ["e1"]);
  client.drain();
  client.ack("EDS");
  client.nack("EDS", "too late");
  assert.equal(server.status()[0]?.types[0]?.refusal, undefined);
  assert.deepEqual(client.drain(), []);
});

test("a refused version is not sent again, and its reason is kept", () => {
  const { client, server, put } = fixture(cluster("a"));
  client.want("CDS");
  client.settle();
  const acceptedVersion = client.accepted.get("CDS");
  put(cluster("a", "9s"));
  assert.deepEqual(client.drain(), ["CDS a"]);
  client.nack("CDS", "no such cluster type");
  assert.deepEqual(client.drain(), []);
  const [type] = server.status()[0]!.types;
  assert.equal(type?.accepted?.version, acceptedVersion);
  assert.equal(type?.refusal?.message, "no such cluster type");
  assert.equal(type?.resources[0]?.state, "refused");
  put(cluster("a"));
  assert.deepEqual(client.settle(), ["CDS a"]);
  assert.equal(server.status()[0]?.types[0]?.refusal, undefined);
});

test("of routes that are refused together the good ones are sent again without the bad one", () => {
  const names = ["r1", "r2", "r3", "bad"];
  const { client, server } = fixture(...names.map((name) => routes(name, "c")));
  client.want("RDS", names);
  const sent: string[] = [];
  for (let text = client.read(); text !== undefined; text = client.read()) {
    sent.push(text);
    if (text.includes("bad")) client.nack("RDS", "bad is bad");
    else client.ack("RDS");
  }
  assert.deepEqual(sent, ["RDS r1 r2 r3 bad", "RDS r1 r2", "RDS r3 bad", "RDS r3", "RDS bad"]);
  const states = server.status()[0]?.types[0]?.resources.map(({ name, state }) => [name, state]);
  assert.deepEqual(Object.fromEntries(states ?? []), {
    r1: "accepted",
    r2: "accepted",
    r3: "accepted",
    bad: "refused",
  });
});

test("a client that comes back is sent all clusters: what it has may be another version's half", () => {
  const { client, server } = fixture(cluster("a"));
  client.want("CDS");
  client.settle();
  client.stream.close();
  const again = new SotwClient(server);
  again.want("CDS", [], { versionInfo: client.accepted.get("CDS")!, responseNonce: "7" });
  assert.deepEqual(again.settle(), ["CDS a"]);
});

test("a client that comes back is sent all endpoints that it names", () => {
  const { client, server } = fixture(endpoints("e1"));
  client.want("EDS", ["e1"]);
  client.settle();
  const again = new SotwClient(server);
  again.want("EDS", ["e1"], { versionInfo: client.accepted.get("EDS")!, responseNonce: "7" });
  assert.deepEqual(again.settle(), ["EDS e1"]);
});

test("types go out in make-before-break order", () => {
  const { client, put } = fixture(cluster("a"));
  for (const type of ["RDS", "LDS", "EDS", "CDS"])
    client.want(type, type === "RDS" ? ["r"] : type === "EDS" ? ["e"] : []);
  client.settle();
  put(cluster("b"), endpoints("e"), listener("l"), routes("r", "b"));
  assert.deepEqual(client.settle(), ["CDS b a", "EDS e", "LDS l", "RDS r", "CDS b"]);
});

test("clusters that are gone stay until what refers to them was taken back", () => {
  const { client, put } = fixture(cluster("a"), routes("r", "a"));
  client.want("CDS");
  client.want("RDS", ["r"]);
  client.settle();
  put(cluster("b"), routes("r", "b"));
  assert.deepEqual(client.drain(), ["CDS b a", "RDS r"]);
  client.ack("CDS");
  assert.deepEqual(client.drain(), [], "the client has not said that it has the routes");
  const newest = client.last.get("CDS")!.version;
  client.ack("RDS");
  assert.deepEqual(client.settle(), ["CDS b"]);
  assert.equal(newest, `${client.accepted.get("CDS")}+1`, "other content, another version");
  put(routes("r", "b"));
  assert.deepEqual(client.settle(), ["CDS"], "once when nothing comes");
});

test("a listener that goes does not stay beside the one that may take its address", () => {
  const { client, put } = fixture(cluster("a"), listener("old"));
  client.want("CDS");
  client.want("LDS");
  client.settle();
  put(cluster("b"), listener("new"));
  assert.deepEqual(client.settle(), ["CDS b a", "LDS new", "CDS b"]);
});

test("a cluster that was refused does not stay when it is gone", () => {
  const { client, server, put } = fixture(cluster("a"), cluster("bad"));
  client.want("CDS");
  client.want("RDS", ["r"]);
  assert.deepEqual(client.drain(), ["CDS a bad"]);
  client.nack("CDS", "bad is bad");
  put(cluster("a"), cluster("b"));
  assert.deepEqual(client.settle(), ["CDS a b"]);
  const states = server.status()[0]?.types[0]?.resources.map(({ state }) => state);
  assert.deepEqual(states, ["accepted", "accepted"]);
});

test("a cluster that comes back before it is taken away stays", () => {
  const { client, put } = fixture(cluster("a"), routes("r", "a"));
  client.want("CDS");
  client.want("RDS", ["r"]);
  client.settle();
  put(cluster("b"), routes("r", "b"));
  assert.deepEqual(client.drain(), ["CDS b a", "RDS r"]);
  put(cluster("a"), cluster("b"), routes("r", "b"));
  client.ack("CDS");
  client.ack("RDS");
  assert.deepEqual(client.settle(), []);
});

test("routes wait for the endpoints of clusters that were sent before them", () => {
  const { client, put, clock } = fixture(edsCluster("a"), endpoints("a"), routes("r", "a"));
  client.want("CDS");
  assert.deepEqual(client.settle(), ["CDS a"]);
  client.want("EDS", ["a"]);
  client.want("RDS", ["r"]);
  assert.deepEqual(client.settle(), ["EDS a", "RDS r"]);
  put(edsCluster("b"), endpoints("b"), routes("r", "b"));
  assert.deepEqual(client.settle(), ["CDS b a"]);
  client.want("EDS", ["a", "b"]);
  assert.deepEqual(client.settle(), ["EDS b", "RDS r", "CDS b"]);
  assert.equal(clock.timers, 0);
});

test("routes do not wait for ever, nor for endpoints that are not there or not from here", () => {
  const { client, put, clock } = fixture(cluster("x"), routes("r", "x"));
  client.want("CDS");
  client.want("RDS", ["r"]);
  assert.deepEqual(client.settle(), ["CDS x", "RDS r"]);
  put(edsCluster("b"), endpoints("b"), routes("r", "b"));
  assert.deepEqual(client.settle(), ["CDS b x"]);
  clock.advance(5_000);
  assert.deepEqual(client.settle(), ["RDS r", "CDS b"]);
  put(edsCluster("b"), edsCluster("c"), endpoints("b"), routes("r", "c"));
  assert.deepEqual(client.settle(), ["CDS b c", "RDS r"]);
});

test("endpoints that were taken away meanwhile are not waited for", () => {
  const { client, put, clock } = fixture(edsCluster("b"), endpoints("b"), routes("r", "b"));
  client.want("CDS");
  client.want("RDS", ["r"]);
  assert.deepEqual(client.settle(), ["CDS b"]);
  put(edsCluster("b"), routes("r", "b"));
  assert.deepEqual(client.settle(), ["RDS r"]);
  assert.equal(clock.timers, 0);
});

test("endpoints are sent again with a cluster that has changed, for its client warms it", () => {
  const { client, put } = fixture(edsCluster("a", "1s", "e"), endpoints("e"), edsCluster("b"));
  client.want("CDS");
  client.want("EDS", ["e"]);
  client.settle();
  put(edsCluster("a", "2s", "e"), endpoints("e"), edsCluster("b"));
  assert.deepEqual(client.settle(), ["CDS a b", "EDS e"]);
  put(edsCluster("a", "2s", "e"), endpoints("e"), edsCluster("b", "2s"));
  assert.deepEqual(client.settle(), ["CDS a b"], "the endpoints of another cluster are not");
});

test("a resource with a time to live is sent again within it", () => {
  const ttl = endpoints("e1", 1, { ttlMs: 1_000 });
  const { client, put, clock } = fixture(ttl, endpoints("e2"));
  client.want("EDS", ["e1", "e2"]);
  assert.deepEqual(client.settle(), ["EDS e1 e2"]);
  clock.advance(499);
  assert.deepEqual(client.settle(), []);
  clock.advance(1);
  assert.deepEqual(client.settle(), ["EDS e1"]);
  clock.advance(500);
  assert.deepEqual(client.settle(), ["EDS e1"]);
  put(endpoints("e1", 2));
  assert.deepEqual(client.settle(), ["EDS e1"]);
  clock.advance(5_000);
  assert.deepEqual(client.settle(), []);
  assert.equal(clock.timers, 0);
});

test("a stream of one type needs no type URL and takes no other", () => {
  const { server } = fixture(cluster("a"));
  const client = new SotwClient(server, typeUrlOf("CDS"));
  client.send({});
  assert.deepEqual(client.drain(), ["CDS a"]);
  assert.throws(() => client.want("LDS"), /this stream is for .*Cluster, not for .*Listener/);
});

test("an aggregated stream needs a type URL, and every stream a node", () => {
  const { client, server } = fixture(cluster("a"));
  assert.throws(() => client.send({}), /type_url is required on an ADS stream/);
  const nameless = server.openSotw({ onReady() {} });
  const request = create(discoverySchemas().request, { typeUrl: typeUrlOf("CDS") });
  assert.throws(() => nameless.receive(request), /the first request has no node/);
});

test("types and names are limited", () => {
  const cache = new SnapshotCache();
  const client = new SotwClient(new XdsServer({ cache, maxTypes: 2, maxNames: 2 }));
  client.want("EDS", ["a", "b"]);
  assert.throws(() => client.want("EDS", ["a", "b", "c"]), /more than 2 names of a type/);
  client.want("RDS", ["a"]);
  assert.throws(() => client.want("LDS"), /more than 2 types on a stream/);
});

test("nothing is kept of a stream that was closed, nor of its group", () => {
  const cache = new SnapshotCache();
  const clock = new ManualClock();
  const server = new XdsServer({ cache, clock });
  const client = new SotwClient(server);
  client.want("EDS", ["a"]);
  client.want("CDS");
  assert.deepEqual(cache.groups(), ["n"]);
  client.stream.close();
  client.stream.close();
  client.want("LDS");
  assert.deepEqual(cache.groups(), []);
  assert.deepEqual(server.status(), []);
  assert.equal(client.read(), undefined);
});

test("a snapshot that was cleared changes nothing until there is another one", () => {
  const cache = new SnapshotCache();
  const client = new SotwClient(new XdsServer({ cache }));
  cache.set("n", new Snapshot([cluster("a"), cluster("b")]));
  client.want("CDS");
  client.settle();
  cache.clear("n");
  assert.deepEqual(client.settle(), []);
  cache.set("n", new Snapshot([cluster("a")]));
  assert.deepEqual(client.settle(), ["CDS a"]);
});
