import assert from "node:assert/strict";
import { test } from "node:test";
import type { Message } from "@bufbuild/protobuf";
import { load } from "./load/load.ts";
import { toJson } from "./to-json.ts";

function read(typeName: string, content: string): Message {
  const { message, problems } = load(typeName, [{ name: "e.yaml", content }]);
  assert.deepEqual(problems.list, []);
  return message;
}

test("JSON has proto names, and the forms of proto3 JSON", () => {
  const json = toJson(
    read(
      "envoy.config.cluster.v3.Cluster",
      `
lb_policy: RING_HASH
name: c
connectTimeout: 0.25s
per_connection_buffer_limit_bytes: 0
ring_hash_lb_config: {minimum_ring_size: 5}
common_lb_config: {healthy_panic_threshold: {value: 33.3}}
ignore_health_on_host_removal: false
metadata: {filter_metadata: {f: {x: 1, y: [~, {z: yes}]}}}
load_assignment: {cluster_name: c, endpoints: [{priority: 0}]}
transport_socket: {name: t, typed_config: {"@type": t.io/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext, max_session_keys: 0}}
typed_extension_protocol_options: {d: {"@type": t/google.protobuf.Duration, value: 2s}, s: {"@type": t/google.protobuf.Struct, value: {a: b}}}
`,
    ),
  );
  assert.deepEqual(json, {
    name: "c",
    connect_timeout: "0.250s",
    per_connection_buffer_limit_bytes: 0,
    lb_policy: "RING_HASH",
    ring_hash_lb_config: { minimum_ring_size: "5" },
    transport_socket: {
      name: "t",
      typed_config: {
        "@type": "t.io/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
        max_session_keys: 0,
      },
    },
    metadata: { filter_metadata: { f: { x: 1, y: [null, { z: true }] } } },
    common_lb_config: { healthy_panic_threshold: { value: 33.3 } },
    load_assignment: { cluster_name: "c", endpoints: [{}] },
    typed_extension_protocol_options: {
      d: { "@type": "t/google.protobuf.Duration", value: "2s" },
      s: { "@type": "t/google.protobuf.Struct", value: { a: "b" } },
    },
  });
  assert.deepEqual(Object.keys(json as object).slice(0, 3), [
    "name",
    "connect_timeout",
    "per_connection_buffer_limit_bytes",
  ]);
});

test("fields stand in the order of their numbers", () => {
  const keys = Object.keys(
    toJson(
      read(
        "envoy.config.cluster.v3.Cluster",
        "{lb_policy: MAGLEV, alt_stat_name: a, name: c, type: EDS}",
      ),
    ) as object,
  );
  assert.deepEqual(keys, ["name", "type", "lb_policy", "alt_stat_name"]);
});

test("32-bit floats have as few digits as they need, other numbers their forms", () => {
  const policy = read("envoy.config.cluster.v3.LoadBalancingPolicy", "{}");
  assert.deepEqual(toJson(policy), {});
  assert.deepEqual(toJson(read("google.protobuf.FloatValue", "0.1")), 0.1);
  assert.equal(toJson(read("google.protobuf.DoubleValue", "NaN")), "NaN");
  assert.equal(
    toJson(read("google.protobuf.UInt64Value", "18446744073709551615")),
    "18446744073709551615",
  );
  assert.equal(
    toJson(read("google.protobuf.Timestamp", '"2026-01-31T12:00:00.5Z"')),
    "2026-01-31T12:00:00.500Z",
  );
});

test("numbers that no name of the enum has stay numbers", () => {
  assert.deepEqual(toJson(read("envoy.config.cluster.v3.Cluster", "lb_policy: 77")), {
    lb_policy: 77,
  });
});

test("an Any whose type is not known has its bytes", () => {
  const any = {
    $typeName: "google.protobuf.Any",
    typeUrl: "t/foo.Bar",
    value: Uint8Array.of(1, 2),
  } as const;
  assert.deepEqual(toJson(any), { "@type": "t/foo.Bar", value: "AQI=" });
});

test("what is sensitive is redacted on demand, at any depth", () => {
  const secret = read(
    "envoy.extensions.transport_sockets.tls.v3.Secret",
    "{name: s, tls_certificate: {certificate_chain: {inline_string: public}, private_key: {inline_string: hidden}, password: {inline_bytes: AQID}}}",
  );
  const open = toJson(secret) as { tls_certificate: { private_key: unknown } };
  assert.deepEqual(open.tls_certificate.private_key, { inline_string: "hidden" });
  assert.deepEqual(toJson(secret, { redact: true }), {
    name: "s",
    tls_certificate: {
      certificate_chain: { inline_string: "public" },
      private_key: { inline_string: "[redacted]" },
      password: { inline_bytes: Buffer.from("[redacted]").toString("base64") },
    },
  });
});

test("a sensitive Any is redacted inside, numbers are dropped", () => {
  const provider = read(
    "envoy.extensions.transport_sockets.tls.v3.PrivateKeyProvider",
    `{provider_name: p, typed_config: {"@type": t/envoy.config.core.v3.SocketAddress, address: a, port_value: 5, protocol: UDP}}`,
  );
  assert.deepEqual(toJson(provider, { redact: true }), {
    provider_name: "p",
    typed_config: { "@type": "t/envoy.config.core.v3.SocketAddress", address: "[redacted]" },
  });
  const struct = read(
    "envoy.extensions.transport_sockets.tls.v3.PrivateKeyProvider",
    `{provider_name: p, typed_config: {"@type": t/google.protobuf.Struct, value: {a: [x, 5, {b: z}]}}}`,
  );
  assert.deepEqual((toJson(struct, { redact: true }) as { typed_config: unknown }).typed_config, {
    "@type": "t/google.protobuf.Struct",
    value: { a: ["[redacted]", null, { b: "[redacted]" }] },
  });
});
