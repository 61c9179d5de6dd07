import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import type { Message } from "@bufbuild/protobuf";
import type { Bootstrap } from "@nuncio/api/types/envoy/config/bootstrap/v3/bootstrap_pb";
import type { Cluster } from "@nuncio/api/types/envoy/config/cluster/v3/cluster_pb";
import { envoyTypes } from "../registry/envoy-types.ts";
import { unpack } from "./any.ts";
import {
  bootstrapName,
  cluster,
  clusterName,
  clusterProblems,
  loadYaml,
  problemsOf,
} from "./load.test-support.ts";
import { formatOfName, load } from "./load.ts";
import type { Loaded } from "./load.ts";

test("messages have the form the runtime gives them", () => {
  const message = cluster(`
name: c
type: STRICT_DNS
connect_timeout: 0.25s
per_connection_buffer_limit_bytes: 0
outlier_detection: {max_ejection_percent: 5, base_ejection_time: 30s}
dns_resolvers: [{socket_address: {address: 1.1.1.1, port_value: 53}}]
metadata: {filter_metadata: {a: {b: 1.5, n: ~}}}
typed_extension_protocol_options:
  x: {"@type": type.googleapis.com/google.protobuf.UInt32Value, value: 7}
`);
  const expected = create(envoyTypes().getMessage(clusterName)!, {
    name: "c",
    clusterDiscoveryType: { case: "type", value: 1 },
    connectTimeout: { seconds: 0n, nanos: 250_000_000 },
    perConnectionBufferLimitBytes: 0,
    outlierDetection: { maxEjectionPercent: 5, baseEjectionTime: { seconds: 30n } },
    dnsResolvers: [
      {
        address: {
          case: "socketAddress",
          value: { address: "1.1.1.1", portSpecifier: { case: "portValue", value: 53 } },
        },
      },
    ],
    metadata: { filterMetadata: { a: { b: "1.5", n: null } } },
  }) as Cluster;
  const { typedExtensionProtocolOptions, ...rest } = message;
  const { typedExtensionProtocolOptions: none, ...expectedRest } = expected;
  assert.deepEqual(rest, expectedRest);
  assert.deepEqual(none, {});
  assert.equal(
    (unpack(typedExtensionProtocolOptions["x"]!) as Message & { value: number }).value,
    7,
  );
});

test("keys may be snake_case or lowerCamelCase", () => {
  assert.equal(cluster("{name: a, altStatName: b}").altStatName, "b");
  assert.equal(cluster("{name: a, alt_stat_name: b}").altStatName, "b");
  assert.deepEqual(clusterProblems("{altStatName: b, alt_stat_name: c}"), [
    'e.yaml:1:18: field "alt_stat_name" is set twice',
  ]);
});

test("all problems are reported at once, each with place and path", () => {
  const text = `static_resources:
  listeners:
  - name: a
    adress: {}
    address:
      socket_address: { address: 127.0.0.1, port_value: 80b }
  clusters:
  - name: 12
    type: STATC
    lb_policy: [1]
    connect_timeout: 5
`;
  assert.deepEqual(problemsOf(loadYaml(bootstrapName, text)), [
    'e.yaml:4:5 static_resources.listeners[0]: unknown field "adress" of envoy.config.listener.v3.Listener, did you mean "address"?',
    'e.yaml:6:57 static_resources.listeners[0].address.socket_address.port_value: expected an unsigned 32-bit integer, got the string "80b"',
    'e.yaml:8:11 static_resources.clusters[0].name: expected a string, got the number 12, quote it ("12")',
    'e.yaml:9:11 static_resources.clusters[0].type: unknown value "STATC" of envoy.config.cluster.v3.Cluster.DiscoveryType, did you mean "STATIC"?',
    "e.yaml:10:16 static_resources.clusters[0].lb_policy: expected one of ROUND_ROBIN, LEAST_REQUEST, RING_HASH, RANDOM, MAGLEV, CLUSTER_PROVIDED, LOAD_BALANCING_POLICY_CONFIG, got a list",
    'e.yaml:11:22 static_resources.clusters[0].connect_timeout: expected a duration such as "5s" or "0.25s", got the number 5',
  ]);
});

test("what YAML 1.1 reads as no string is said with what was written", () => {
  assert.deepEqual(clusterProblems("name: n"), [
    'e.yaml:1:7 name: expected a string, got the boolean false: YAML 1.1 reads n so, quote it ("n")',
  ]);
  assert.deepEqual(clusterProblems("name: 010"), [
    'e.yaml:1:7 name: expected a string, got the number 8: YAML 1.1 reads 010 so, quote it ("010")',
  ]);
  assert.equal(cluster("{name: 1.5}").name, "1.5");
  assert.equal(cluster('{name: "n"}').name, "n");
  assert.equal(cluster("name: ~").name, "", "null is not set");
});

test("numbers: ranges, strings and forms", () => {
  const limit = (text: string): number | undefined =>
    cluster(`per_connection_buffer_limit_bytes: ${text}`).perConnectionBufferLimitBytes;
  assert.equal(limit("1e3"), 1000);
  assert.equal(limit("1.0"), 1);
  assert.equal(limit('"12"'), 12);
  assert.equal(limit("0x10"), 16);
  assert.equal(limit("010"), 8);
  assert.equal(limit("{value: 5}"), 5);
  assert.equal(limit("4294967295"), 4_294_967_295);
  const problem = (text: string): string =>
    clusterProblems(`per_connection_buffer_limit_bytes: ${text}`)[0] ?? "none";
  assert.match(problem("4294967296"), /: expected 0 to 4294967295, got 4294967296$/);
  assert.match(problem("-1"), /: expected 0 to 4294967295, got -1$/);
  assert.match(problem("1.5"), /: expected an unsigned 32-bit integer, got the string "1.5"$/);
  assert.match(problem("''"), /: expected an unsigned 32-bit integer, got the string ""$/);
  assert.match(problem("yes"), /: expected an unsigned 32-bit integer, got the boolean true$/);
  const panic = (text: string): number | undefined =>
    cluster(`common_lb_config: {healthy_panic_threshold: {value: ${text}}}`).commonLbConfig
      ?.healthyPanicThreshold?.value;
  assert.equal(panic(".5"), 0.5);
  assert.equal(panic("NaN"), NaN);
});

test("64-bit integers keep all their digits", () => {
  const size = (text: string): unknown => {
    const { lbConfig } = cluster(`ring_hash_lb_config: {minimum_ring_size: ${text}}`);
    return lbConfig.case === "ringHashLbConfig" ? lbConfig.value.minimumRingSize : undefined;
  };
  assert.equal(size("9007199254740993"), 9_007_199_254_740_993n);
  assert.equal(size('"18446744073709551615"'), 18_446_744_073_709_551_615n);
  const json = load<Cluster>(clusterName, [
    { name: "c.json", content: '{"ring_hash_lb_config":{"minimum_ring_size":9007199254740993}}' },
  ]);
  assert.equal(
    json.message.lbConfig.case === "ringHashLbConfig" &&
      json.message.lbConfig.value.minimumRingSize,
    9_007_199_254_740_993n,
  );
  assert.match(
    clusterProblems("ring_hash_lb_config: {minimum_ring_size: 18446744073709551616}")[0] ?? "",
    /got 18446744073709551616$/,
  );
});

test("durations", () => {
  const timeout = (text: string): unknown => {
    const duration = cluster(`connect_timeout: ${text}`).connectTimeout;
    return [duration?.seconds, duration?.nanos];
  };
  assert.deepEqual(timeout("5s"), [5n, 0]);
  assert.deepEqual(timeout("-1.5s"), [-1n, -500_000_000]);
  assert.deepEqual(timeout("0.000000001s"), [0n, 1]);
  assert.deepEqual(timeout("{seconds: 3}"), [3n, 0]);
  for (const wrong of ["5", "5sec", '"5 s"', "5ms", "1.0000000001s", "[5s]", "s"]) {
    assert.match(
      clusterProblems(`connect_timeout: ${wrong}`)[0] ?? "none",
      /expected a duration such as "5s" or "0.25s", got/,
      wrong,
    );
  }
  assert.match(
    clusterProblems("connect_timeout: 999999999999s")[0] ?? "none",
    /expected a duration of at most 315576000000s/,
  );
});

test("booleans and enums as Envoy takes them", () => {
  assert.equal(cluster("ignore_health_on_host_removal: Yes").ignoreHealthOnHostRemoval, true);
  assert.equal(cluster('ignore_health_on_host_removal: "True"').ignoreHealthOnHostRemoval, true);
  assert.match(
    clusterProblems("ignore_health_on_host_removal: 1")[0] ?? "",
    /expected true or false, got the number 1$/,
  );
  for (const text of ["LEAST_REQUEST", "least_request", "1", '"1"'])
    assert.equal(cluster(`lb_policy: ${text}`).lbPolicy, 1, text);
  assert.equal(cluster("lb_policy: 77").lbPolicy, 77, "numbers without a name are for validation");
  assert.match(
    clusterProblems("lb_policy: least-request")[0] ?? "",
    /did you mean "LEAST_REQUEST"\?$/,
  );
  assert.match(clusterProblems("lb_policy: zzzzzzzz")[0] ?? "", /expected one of ROUND_ROBIN, /);
});

test("bytes are base64", () => {
  const bytes = (text: string): Loaded<Message & { value: Uint8Array }> =>
    load<Message & { value: Uint8Array }>("google.protobuf.BytesValue", [
      { name: "b.json", content: text },
    ]);
  assert.deepEqual([...bytes('"AQL/"').message.value], [1, 2, 255]);
  assert.deepEqual([...bytes('"_-8="').message.value], [255, 239]);
  assert.match(problemsOf(bytes('"A*"'))[0] ?? "", /expected bytes as a base64 string/);
});

test("only one field of a oneof may be set", () => {
  assert.deepEqual(clusterProblems("type: STATIC\ncluster_type: {name: x}"), [
    'e.yaml:2:1: only one of cluster_discovery_type may be set: "cluster_type" after "type"',
  ]);
});

test("keys that repeat are errors, in messages and in maps", () => {
  assert.deepEqual(clusterProblems("name: a\nname: b"), ['e.yaml:2:1: field "name" is set twice']);
  assert.deepEqual(clusterProblems("load_assignment: {named_endpoints: {a: {}, a: {}}}"), [
    'e.yaml:1:44 load_assignment.named_endpoints: key "a" is set twice',
  ]);
});

test("a single value stands for a list of one", () => {
  assert.equal(cluster("health_checks: {timeout: 1s}").healthChecks[0]?.timeout?.seconds, 1n);
});

test("wrong shapes", () => {
  assert.deepEqual(clusterProblems("load_assignment: []\nmetadata: foo\nname: {}"), [
    "e.yaml:1:18 load_assignment: expected an object (envoy.config.endpoint.v3.ClusterLoadAssignment), got a list",
    'e.yaml:2:11 metadata: expected an object (envoy.config.core.v3.Metadata), got the string "foo"',
    "e.yaml:3:7 name: expected a string, got an object",
  ]);
  assert.deepEqual(clusterProblems("- a"), [
    "e.yaml:1:1: expected an object (envoy.config.cluster.v3.Cluster), got a list",
  ]);
  assert.deepEqual(clusterProblems(""), [
    "e.yaml:1:1: expected an object (envoy.config.cluster.v3.Cluster), got null",
  ]);
  assert.deepEqual(clusterProblems("metadata: {filter_metadata: {a: [1]}}"), [
    'e.yaml:1:33 metadata.filter_metadata["a"]: expected an object, got a list',
  ]);
});

test("a text that does not parse is one problem", () => {
  assert.deepEqual(clusterProblems("name: a\nfoo: {b"), ['e.yaml:2:6: "{" without its "}"']);
});

test("sources are merged as messages are", () => {
  const base =
    "node: {id: a, cluster: c}\nstatic_resources: {clusters: [{name: one}]}\nstats_flush_interval: 5s";
  const over =
    "{node: {id: b, locality: {zone: z}}, static_resources: {clusters: [{name: two, lb_policy: MAGLEV}]}, stats_flush_on_admin: true}";
  const { message, problems, origins } = load<Bootstrap>(bootstrapName, [
    { name: "e.yaml", content: base },
    { name: "--config-yaml", content: over, format: "yaml" },
  ]);
  assert.deepEqual(problems.list, []);
  assert.equal(message.node?.id, "b");
  assert.equal(message.node?.cluster, "c");
  assert.equal(message.node?.locality?.zone, "z");
  assert.deepEqual(
    message.staticResources?.clusters.map(({ name }) => name),
    ["one", "two"],
  );
  assert.deepEqual(message.statsFlush, { case: "statsFlushOnAdmin", value: true });
  const at = (of: Message, field: string): string => {
    const { place, path } = origins.locate(of, field);
    return `${place?.file}:${place?.line}:${place?.column} ${path}`;
  };
  assert.equal(at(message.node, "id"), "--config-yaml:1:13 node.id");
  assert.equal(at(message.node, "cluster"), "e.yaml:1:24 node.cluster");
  assert.equal(
    at(message.staticResources.clusters[1]!, "lb_policy"),
    "--config-yaml:1:91 static_resources.clusters[0].lb_policy",
  );
});

test("places are found for elements, map entries and absent fields", () => {
  const { message, origins } = load<Bootstrap>(bootstrapName, [
    {
      name: "e.yaml",
      content:
        "static_resources:\n  clusters:\n  - name: a\n    healthChecks:\n    - timeout: 1s\n",
    },
  ]);
  const found = message.staticResources!.clusters[0]!;
  assert.deepEqual(origins.locate(found), {
    place: { file: "e.yaml", line: 3, column: 5 },
    path: "static_resources.clusters[0]",
  });
  assert.deepEqual(origins.locate(found, "health_checks", 0).place, {
    file: "e.yaml",
    line: 5,
    column: 7,
  });
  assert.deepEqual(origins.locate(found, "lb_policy"), {
    place: { file: "e.yaml", line: 3, column: 5 },
    path: "static_resources.clusters[0].lb_policy",
  });
  assert.deepEqual(origins.locate(create(envoyTypes().getMessage(clusterName)!), "name"), {
    place: null,
    path: "name",
  });
});

test("the format comes from the name", () => {
  const names = {
    "a.yaml": "yaml",
    "a.YML": "yaml",
    "a.json": "json",
    "a.pb": "binary",
    "a.pb_text": "text",
    "a.conf": "json",
  };
  for (const [name, format] of Object.entries(names))
    assert.equal(formatOfName(name), format, name);
});

test("line ends and byte order marks do not matter", () => {
  const loaded = load<Cluster>(clusterName, [
    { name: "e.yaml", content: new TextEncoder().encode("\ufeffname: a\r\nfoo: 1\r\n") },
  ]);
  assert.equal(loaded.message.name, "a");
  assert.deepEqual(problemsOf(loaded), [
    'e.yaml:2:1: unknown field "foo" of envoy.config.cluster.v3.Cluster',
  ]);
});

test("nesting of messages is bounded, through aliases too", () => {
  const limits = { depthMax: 8, aliasNodesMax: 1000 };
  const nested = (depth: number): string =>
    `{and_rules: {rules: [${depth === 0 ? "{any: true}" : nested(depth - 1)}]}}`;
  const permission = "envoy.config.rbac.v3.Permission";
  const deep = load(permission, [{ name: "e.yaml", content: nested(3) }], limits);
  assert.match(problemsOf(deep)[0] ?? "none", /nested deeper than 8 levels/);
  assert.deepEqual(
    problemsOf(load(permission, [{ name: "e.yaml", content: nested(1) }], limits)),
    [],
  );
});
