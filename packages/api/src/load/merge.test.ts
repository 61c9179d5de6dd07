import assert from "node:assert/strict";
import { test } from "node:test";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { Message } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { envoyTypes } from "../registry/envoy-types.ts";
import { toJson } from "../to-json.ts";
import { unpack } from "./any.ts";
import { load } from "./load.ts";

const clusterName = "envoy.config.cluster.v3.Cluster";

function merged(...contents: readonly string[]): Message {
  const { message, problems } = load(
    clusterName,
    contents.map((content, index) => ({ name: `${index}.yaml`, content })),
  );
  assert.deepEqual(problems.list, []);
  return message;
}

/** What protobuf itself makes of it: concatenated serializations are a merge. */
function concatenated(...contents: readonly string[]): Message {
  const desc = envoyTypes().getMessage(clusterName)!;
  return fromBinary(
    desc,
    Buffer.concat(contents.map((content) => toBinary(desc, merged(content)))),
  );
}

const cases: Record<string, readonly [string, string]> = {
  "scalars and messages": [
    "{name: a, alt_stat_name: s, circuit_breakers: {thresholds: [{priority: HIGH}]}}",
    "{name: b, circuit_breakers: {thresholds: [{}]}}",
  ],
  "a zero does not override": [
    "{name: a, lb_policy: MAGLEV}",
    '{name: "", lb_policy: ROUND_ROBIN}',
  ],
  "the zero of a wrapper does not override either": [
    "per_connection_buffer_limit_bytes: 5",
    "per_connection_buffer_limit_bytes: 0",
  ],
  "wrappers override": [
    "per_connection_buffer_limit_bytes: 5",
    "per_connection_buffer_limit_bytes: 6",
  ],
  "durations merge by field": ["connect_timeout: 5.25s", "connect_timeout: 7s"],
  "the last of a oneof wins": ["{type: EDS}", "{cluster_type: {name: x}}"],
  "messages in a oneof merge": [
    "ring_hash_lb_config: {minimum_ring_size: 5}",
    "ring_hash_lb_config: {maximum_ring_size: 9}",
  ],
  "entries of maps are replaced": [
    "metadata: {filter_metadata: {a: {x: y}, b: {x: y}}}",
    "metadata: {filter_metadata: {b: {z: w}, c: {}}}",
  ],
};

for (const [name, [base, over]] of Object.entries(cases)) {
  test(`merge: ${name}`, () => {
    assert.deepEqual(toJson(merged(base, over)), toJson(concatenated(base, over)));
  });
}

test("merge: a Struct field takes the other's keys", () => {
  const node = load<Message & { metadata: unknown }>("envoy.config.core.v3.Node", [
    { name: "a.yaml", content: "metadata: {x: a, y: a}" },
    { name: "b.yaml", content: "metadata: {y: b}" },
  ]);
  assert.deepEqual(node.message.metadata, { x: "a", y: "b" });
});

test("merge: an Any is replaced whole", () => {
  const socket = (type: string): string =>
    `transport_socket: {name: t, typed_config: {"@type": t/${type}}}`;
  const message = merged(
    socket("envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext"),
    socket("envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer"),
  ) as Message & { transportSocket: { configType: { value: Any } } };
  assert.equal(
    unpack(message.transportSocket.configType.value)?.$typeName,
    "envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer",
  );
});

test("merge: no source gives an empty message", () => {
  assert.deepEqual(load(clusterName, []).message, create(envoyTypes().getMessage(clusterName)!));
});
