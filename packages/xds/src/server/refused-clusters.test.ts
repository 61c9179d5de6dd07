// Clients take the good clusters beside a bad one, and ask for their endpoints after they have refused the response.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { VersionedResource } from "../types/versioned-resource.ts";
import { ManualClock } from "./manual-clock.test-support.ts";
import { cluster, edsCluster, endpoints, routes } from "./resources.test-support.ts";
import { DeltaClient, SotwClient } from "./scripted-client.test-support.ts";
import { XdsServer } from "./server.ts";
import { SnapshotCache } from "./snapshot-cache.ts";
import { Snapshot } from "./snapshot.ts";

function serverOf(...resources: VersionedResource[]): { server: XdsServer; clock: ManualClock } {
  const cache = new SnapshotCache();
  cache.set("n", new Snapshot(resources));
  const clock = new ManualClock();
  return { server: new XdsServer({ cache, clock }), clock };
}

/** Wants all clusters, and a table of routes. */
function deltaClient(server: XdsServer): DeltaClient {
  const client = new DeltaClient(server);
  client.subscribe("CDS", ["*"]);
  client.subscribe("RDS", ["r"]);
  return client;
}

function sotwClient(server: XdsServer): SotwClient {
  const client = new SotwClient(server);
  client.want("CDS");
  client.want("RDS", ["r"]);
  return client;
}

const GOOD = [edsCluster("good"), endpoints("good"), routes("r", "good")];

test("delta: routes wait for the endpoints of a good cluster beside a bad one", () => {
  const client = deltaClient(serverOf(cluster("bad"), ...GOOD).server);
  assert.deepEqual(client.drain(), ["CDS bad good"]);
  client.nack("CDS", "bad");
  assert.deepEqual(client.drain(), ["CDS bad"]);
  client.nack("CDS", "bad");
  assert.deepEqual(client.settle(), ["CDS good"]);
  client.subscribe("EDS", ["good"]);
  assert.deepEqual(client.settle(), ["EDS good", "RDS r"]);
});

test("delta: the endpoints of a cluster that is refused by itself are not waited for", () => {
  const resources = [edsCluster("bad"), endpoints("bad"), cluster("good"), routes("r", "good")];
  const { server, clock } = serverOf(...resources);
  const client = deltaClient(server);
  assert.deepEqual(client.drain(), ["CDS bad good"]);
  client.nack("CDS", "bad");
  assert.deepEqual(client.drain(), ["CDS bad"]);
  client.nack("CDS", "bad");
  assert.deepEqual(client.drain(), ["CDS good", "RDS r"]);
  assert.equal(clock.timers, 0);
});

test("delta: routes wait until clusters that were refused together have been sent again", () => {
  const client = new DeltaClient(
    serverOf(cluster("bad"), cluster("good"), routes("r", "good")).server,
  );
  client.subscribe("CDS", ["*"]);
  assert.deepEqual(client.drain(), ["CDS bad good"]);
  client.nack("CDS", "bad");
  client.subscribe("RDS", ["r"]);
  assert.deepEqual(client.drain(), ["CDS bad"]);
  client.nack("CDS", "bad");
  assert.deepEqual(client.drain(), ["CDS good", "RDS r"]);
});

test("state of the world: routes wait for the endpoints of a good cluster beside a bad one", () => {
  const client = sotwClient(serverOf(cluster("bad"), ...GOOD).server);
  assert.deepEqual(client.drain(), ["CDS bad good"]);
  client.nack("CDS", "bad");
  assert.deepEqual(client.settle(), []);
  client.want("EDS", ["good"]);
  assert.deepEqual(client.settle(), ["EDS good", "RDS r"]);
});

test("state of the world: a cluster that is refused by itself is not waited for", () => {
  const client = sotwClient(serverOf(...GOOD).server);
  assert.deepEqual(client.drain(), ["CDS good"]);
  client.nack("CDS", "bad");
  assert.deepEqual(client.settle(), ["RDS r"]);
});
