import assert from "node:assert/strict";
import { test } from "node:test";
import { formatProblem } from "../format-problem.ts";
import { load } from "../load/load.ts";
import { envoyTypes } from "../registry/envoy-types.ts";
import { MessagePlans } from "./message-plan.ts";
import { validate } from "./validate.ts";

function problems(typeName: string, content: string): string[] {
  const loaded = load(typeName, [{ name: "e.yaml", content }]);
  validate(loaded);
  return loaded.problems.list.map(formatProblem);
}

const errors = (typeName: string, content: string): string[] =>
  problems(typeName, content).filter((line) => !line.startsWith("warning: "));

const cluster = (content: string): string[] =>
  errors("envoy.config.cluster.v3.Cluster", `{name: c, ${content}}`);

test("every rule in the descriptor set is one that is supported", () => {
  const plans = new MessagePlans(envoyTypes());
  const visit = (typeName: string): void => {
    plans.get(typeName);
    for (const nested of envoyTypes().getMessage(typeName)?.nestedMessages ?? [])
      visit(nested.typeName);
  };
  for (const typeName of envoyTypes().typeNames()) visit(typeName);
});

test("a message without problems has none", () => {
  assert.deepEqual(cluster("connect_timeout: 1s"), []);
});

test("strings: length, prefix, suffix, pattern, list, header rules", () => {
  assert.deepEqual(errors("envoy.config.cluster.v3.Cluster", "{}"), [
    "e.yaml:1:1 name: value length must be at least 1 characters, got 0",
  ]);
  assert.deepEqual(errors("envoy.config.route.v3.RouteMatch", "path_separated_prefix: /a/"), [
    'e.yaml:1:24 path_separated_prefix: value does not match regex pattern "^[^?#]+[^?#/]$": "/a/"',
  ]);
  const header = (text: string): string[] => errors("envoy.config.core.v3.HeaderValue", text);
  assert.deepEqual(header('{key: a, value: "a b"}'), []);
  assert.deepEqual(header('{key: "a\\n", value: "x\\0"}'), [
    'e.yaml:1:7 key: value does not match regex pattern "^[^\\x00\\n\\r]*$": "a\\n"',
    'e.yaml:1:21 value: value does not match regex pattern "^[^\\x00\\n\\r]*$": "x\\u0000"',
  ]);
  const long = errors("envoy.config.core.v3.HeaderValue", `{key: ${"k".repeat(16385)}}`);
  assert.match(long[0] ?? "none", /key: value length must be at most 16384 bytes, got 16385$/);
  const strict = errors(
    "envoy.extensions.filters.http.ratelimit.v3.RateLimit",
    "{domain: a, rate_limit_service: {grpc_service: {google_grpc: {target_uri: a, stat_prefix: b}}, transport_api_version: V3}, request_type: neither}",
  );
  assert.deepEqual(strict, [
    'e.yaml:1:138 request_type: value must be in list [internal, external, both, ], got "neither"',
  ]);
  assert.deepEqual(
    errors(
      "envoy.config.core.v3.GrpcService",
      `envoy_grpc: {cluster_name: ${"\u{1F600}".repeat(2)}}`,
    ),
    [],
  );
});

test("strict header names and values", () => {
  const name = (text: string): string[] =>
    errors(
      "envoy.extensions.http.original_ip_detection.custom_header.v3.CustomHeaderConfig",
      `header_name: "${text}"`,
    );
  assert.deepEqual(name("x-a_b.c"), []);
  assert.match(
    name("x a")[0] ?? "none",
    /^e\.yaml:1:14 header_name: value does not match regex pattern "\^:\?\[0-9a-zA-Z/,
  );
  const path = (text: string): string[] =>
    errors("envoy.config.core.v3.HealthCheck.HttpHealthCheck", `path: "${text}"`);
  assert.deepEqual(path("/a b\\t"), []);
  assert.match(path("/a\\x7f")[0] ?? "none", /path: value does not match regex pattern/);
});

test("numbers: bounds on each side and both", () => {
  assert.deepEqual(cluster("outlier_detection: {enforcing_success_rate: 101}"), [
    "e.yaml:1:55 outlier_detection.enforcing_success_rate: value must be less than or equal to 100, got 101",
  ]);
  assert.deepEqual(cluster("ring_hash_lb_config: {maximum_ring_size: 9000000}"), [
    "e.yaml:1:52 ring_hash_lb_config.maximum_ring_size: value must be less than or equal to 8388608, got 9000000",
  ]);
  const percent = (value: string): string[] =>
    cluster(`common_lb_config: {healthy_panic_threshold: {value: ${value}}}`);
  assert.deepEqual(percent("100"), []);
  for (const value of ["100.5", "-1", "NaN"]) {
    assert.match(
      percent(value)[0] ?? "none",
      new RegExp(`value must be inside range \\[0, 100\\], got ${value}$`),
      value,
    );
  }
  assert.match(
    errors("envoy.config.core.v3.SocketAddress", "{address: a, port_value: 65536}")[0] ?? "none",
    /less than or equal to 65535, got 65536$/,
  );
  const status = (value: number): string[] =>
    errors("envoy.config.route.v3.DirectResponseAction", `status: ${value}`);
  assert.deepEqual(status(200), []);
  assert.match(status(99)[0] ?? "none", /value must be inside range \[200, 600\), got 99$/);
  assert.match(status(600)[0] ?? "none", /value must be inside range \[200, 600\), got 600$/);
});

test("rules of wrappers apply where they are set", () => {
  assert.deepEqual(cluster("max_requests_per_connection: 5"), []);
  assert.match(
    cluster("circuit_breakers: {thresholds: [{priority: 9}]}")[0] ?? "none",
    /value must be one of the defined enum values \(DEFAULT, HIGH\), got 9$/,
  );
  assert.match(
    cluster("wait_for_warm_on_init: ~, least_request_lb_config: {choice_count: 1}")[0] ?? "none",
    /choice_count: value must be greater than or equal to 2, got 1$/,
  );
});

test("durations", () => {
  assert.deepEqual(cluster("connect_timeout: 0s"), [
    "e.yaml:1:28 connect_timeout: value must be greater than 0s, got 0s",
  ]);
  assert.match(
    cluster("dns_refresh_rate: 0.0005s")[0] ?? "none",
    /value must be greater than 0\.001s, got 0\.000500s$/,
  );
});

test("required messages and oneofs", () => {
  assert.deepEqual(errors("envoy.config.route.v3.Route", "{direct_response: {status: 200}}"), [
    "e.yaml:1:1 match: value is required",
  ]);
  const noAction = errors("envoy.config.route.v3.Route", "{match: {prefix: /}}");
  assert.equal(noAction.length, 1);
  assert.match(
    noAction[0] ?? "",
    /^e\.yaml:1:1: action is required: set one of route, redirect, direct_response/,
  );
  assert.match(
    errors("envoy.config.route.v3.Route", "{match: {}, direct_response: {status: 200}}")[0] ??
      "none",
    /^e\.yaml:1:9 match: path_specifier is required/,
  );
  assert.match(
    cluster("health_checks: {interval: 1s}").join("\n"),
    /health_checks\[0\]\.timeout: value is required\n/,
  );
});

test("lists: sizes, items, unique", () => {
  assert.deepEqual(errors("envoy.config.route.v3.VirtualHost", "{name: v}"), [
    "e.yaml:1:1 domains: value must contain at least 1 item(s), got 0",
  ]);
  assert.match(
    errors(
      "envoy.config.route.v3.VirtualHost",
      "{name: v, domains: [a], request_headers_to_remove: [a, '']}",
    )[0] ?? "none",
    /^e\.yaml:1:56 request_headers_to_remove\[1\]: value length must be at least 1 characters, got 0$/,
  );
  const many = Array.from({ length: 1001 }, () => "{header: {key: a}}").join(", ");
  assert.match(
    errors(
      "envoy.config.route.v3.VirtualHost",
      `{name: v, domains: [a], request_headers_to_add: [${many}]}`,
    )[0] ?? "none",
    /no more than 1000 item\(s\), got 1001$/,
  );
  const unique = (text: string): string[] =>
    errors("envoy.config.route.v3.InternalRedirectPolicy", `response_headers_to_copy: [${text}]`);
  assert.deepEqual(unique("a, b"), []);
  assert.deepEqual(unique("a, b, a"), [
    "e.yaml:1:27 response_headers_to_copy: repeated value must contain unique items",
  ]);
  const statuses = "envoy.config.core.v3.HealthStatusSet";
  assert.deepEqual(errors(statuses, "statuses: [HEALTHY, UNHEALTHY]"), []);
  assert.match(
    errors(statuses, "statuses: [HEALTHY, 99]")[0] ?? "none",
    /statuses\[1\]: value must be one of the defined enum values/,
  );
});

test("maps: sizes, keys and values", () => {
  const bucket = "envoy.service.rate_limit_quota.v3.BucketId";
  assert.deepEqual(errors(bucket, "bucket: {a: b}"), []);
  assert.match(
    errors(bucket, "{}")[0] ?? "none",
    /^e\.yaml:1:1 bucket: value must contain at least 1 pair\(s\), got 0$/,
  );
  assert.deepEqual(errors(bucket, 'bucket: {"": b, c: ""}'), [
    'e.yaml:1:14 bucket[""]: value length must be at least 1 characters, got 0',
    'e.yaml:1:20 bucket["c"]: value length must be at least 1 characters, got 0',
  ]);
  const report = errors("xds.data.orca.v3.OrcaLoadReport", "utilization: {a: 1.5}");
  assert.deepEqual(report, [
    'e.yaml:1:18 utilization["a"]: value must be inside range [0, 1], got 1.5',
  ]);
});

test("messages in maps are checked", () => {
  const assignment = "{cluster_name: c, named_endpoints: {a: {address: {pipe: {path: ''}}}}}";
  assert.deepEqual(errors("envoy.config.endpoint.v3.ClusterLoadAssignment", assignment), [
    'e.yaml:1:64 named_endpoints["a"].address.pipe.path: value length must be at least 1 characters, got 0',
  ]);
});

test("messages in Anys are checked too", () => {
  const socket = `transport_socket: {name: t, typed_config: {"@type": t/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext, sni: ${"a".repeat(256)}}}`;
  assert.match(
    cluster(socket)[0] ?? "none",
    /transport_socket\.typed_config\.sni: value length must be at most 255 bytes, got 256$/,
  );
});

test("what could not be read is not missing as well", () => {
  assert.deepEqual(
    errors("envoy.config.route.v3.Route", "{mtch: {prefix: /}, direct_response: {status: 200}}"),
    ['e.yaml:1:2: unknown field "mtch" of envoy.config.route.v3.Route, did you mean "match"?'],
  );
  const both = errors(
    "envoy.config.route.v3.VirtualHost",
    "{name: v, domains: [a], routes: [{match: {prefix: 5}, direct_response: {status: 9}}]}",
  );
  assert.equal(both.length, 2, both.join("\n"));
});

test("deprecated fields and values are warnings, disallowed fields errors", () => {
  const warned = problems(
    "envoy.config.cluster.v3.Cluster",
    "{name: c, track_timeout_budgets: true}",
  );
  assert.deepEqual(warned, [
    "warning: e.yaml:1:34 track_timeout_budgets: deprecated: envoy.config.cluster.v3.Cluster.track_timeout_budgets",
  ]);
  const value = problems("envoy.config.core.v3.ApiConfigSource", "{grpc_services: []}");
  assert.deepEqual(value, [
    "warning: e.yaml:1:1 api_type: deprecated value DEPRECATED_AND_UNAVAILABLE_DO_NOT_USE of envoy.config.core.v3.ApiConfigSource.api_type",
  ]);
  const disallowed = errors(
    "envoy.config.route.v3.RateLimit.Action",
    "{dynamic_metadata: {descriptor_key: d, metadata_key: {key: a, path: [{key: b}]}}}",
  );
  assert.deepEqual(disallowed, [
    "e.yaml:1:20 dynamic_metadata: deprecated and no longer allowed: envoy.config.route.v3.RateLimit.Action.dynamic_metadata",
  ]);
});
