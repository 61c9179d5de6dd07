import assert from "node:assert/strict";
import { test } from "node:test";
import { create, fromBinary } from "@bufbuild/protobuf";
import type { DescMessage } from "@bufbuild/protobuf";
import { envoyTypes } from "@nuncio/api";
import { typeUrlOf } from "./resource-type.ts";
import { versionedResource } from "./versioned-resource.ts";

const message = (name: string): DescMessage => envoyTypes().getMessage(name)!;
const cluster = message("envoy.config.cluster.v3.Cluster");
const assignment = message("envoy.config.endpoint.v3.ClusterLoadAssignment");
const endpoint = message("envoy.config.endpoint.v3.LbEndpoint");

test("a resource is named by its message", () => {
  const one = versionedResource(create(cluster, { name: "a" }));
  assert.equal(one.name, "a");
  assert.equal(one.typeUrl, typeUrlOf("CDS"));
  assert.deepEqual(fromBinary(cluster, one.value), create(cluster, { name: "a" }));
  assert.equal(versionedResource(create(assignment, { clusterName: "b" })).name, "b");
});

test("equal content has an equal version, other content another", () => {
  const version = (name: string): string => versionedResource(create(cluster, { name })).version;
  assert.equal(version("a"), version("a"));
  assert.notEqual(version("a"), version("b"));
  assert.match(version("a"), /^[0-9a-f]{16}$/);
});

test("what is given goes before what is derived", () => {
  const options = { name: "n", version: "v", ttlMs: 5 };
  const one = versionedResource(create(cluster, { name: "a" }), options);
  assert.deepEqual([one.name, one.version, one.ttlMs], ["n", "v", 5]);
});

test("a resource without a name is refused", () => {
  assert.throws(() => versionedResource(create(endpoint)), /LbEndpoint without a name/);
  assert.throws(() => versionedResource(create(cluster)), /Cluster without a name/);
  assert.equal(versionedResource(create(endpoint), { name: "x" }).name, "x");
});

test("a time to live is more than nothing", () => {
  const one = create(cluster, { name: "a" });
  assert.throws(() => versionedResource(one, { ttlMs: 0 }), /a: expected a time to live of more/);
  assert.throws(() => versionedResource(one, { ttlMs: NaN }), /got NaN/);
});
