import assert from "node:assert/strict";
import { test } from "node:test";
import { compileYaml } from "../testing/compile-yaml.ts";

const ENDPOINT = (host: string): string =>
  `{ endpoint: { address: { socket_address: { address: "${host}", port_value: 80 } } } }`;
const ASSIGNMENT = (...endpoints: readonly string[]): string =>
  `load_assignment: { cluster_name: c, endpoints: [ { lb_endpoints: [ ${endpoints.join(", ")} ] } ] }`;
const OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
const TYPED = (name: string, options: string): string =>
  `typed_extension_protocol_options: { ${name}: { "@type": type.googleapis.com/${OPTIONS}, ${options} } }`;

/** Name of the case, fields of a cluster, path of the error below the cluster, and what it says. */
const CASES: readonly (readonly [string, string, string, RegExp])[] = [
  [
    "a name in a static cluster",
    ASSIGNMENT(ENDPOINT("example.com")),
    "load_assignment.endpoints[0].lb_endpoints[0].endpoint.address.socket_address.address",
    /^malformed IP address: example\.com\. Consider setting resolver_name or setting cluster type to 'STRICT_DNS' or 'LOGICAL_DNS'$/,
  ],
  [
    "brackets around an IPv6 address",
    ASSIGNMENT(ENDPOINT("[::1]")),
    "load_assignment.endpoints[0].lb_endpoints[0].endpoint.address.socket_address.address",
    /^malformed IP address: \[::1\]\./,
  ],
  [
    "an endpoint without an address",
    ASSIGNMENT("{ endpoint: {} }"),
    "load_assignment.endpoints[0].lb_endpoints[0].endpoint",
    /^address must be set$/,
  ],
  [
    "a port by name",
    ASSIGNMENT(
      '{ endpoint: { address: { socket_address: { address: "1.2.3.4", named_port: http } } } }',
    ),
    "load_assignment.endpoints[0].lb_endpoints[0].endpoint.address.socket_address.named_port",
    /^expected a port_value/,
  ],
  [
    "a custom resolver name",
    `type: STRICT_DNS, ${ASSIGNMENT("{ endpoint: { address: { socket_address: { address: a, port_value: 1, resolver_name: x } } } }")}`,
    "load_assignment.endpoints[0].lb_endpoints[0].endpoint.address.socket_address.resolver_name",
    /^STRICT_DNS clusters must NOT have a custom resolver name set, got x$/,
  ],
  [
    "a pipe that is to be resolved",
    `type: STRICT_DNS, ${ASSIGNMENT("{ endpoint: { address: { pipe: { path: /x } } } }")}`,
    "load_assignment.endpoints[0].lb_endpoints[0].endpoint.address.pipe",
    /^expected a socket_address in a STRICT_DNS cluster, got a pipe$/,
  ],
  [
    "EDS from nowhere",
    "type: EDS",
    "eds_cluster_config",
    /^cannot create an EDS cluster without an EDS config$/,
  ],
  [
    "EDS with a service alone",
    "type: EDS, eds_cluster_config: { service_name: a }",
    "eds_cluster_config.eds_config",
    /^Missing config source specifier in envoy::config::core::v3::ConfigSource$/,
  ],
  [
    "EDS from where a cluster of the bootstrap came from",
    "type: EDS, eds_cluster_config: { eds_config: { self: {} } }",
    "eds_cluster_config.eds_config.self",
    /^Missing config source specifier in envoy::config::core::v3::ConfigSource$/,
  ],
  [
    "a source of EDS where it counts for nothing",
    "eds_cluster_config: { eds_config: { ads: {} } }",
    "eds_cluster_config",
    /^eds_cluster_config set in a non-EDS cluster$/,
  ],
  [
    "EDS from a file that is not there",
    "type: EDS, eds_cluster_config: { eds_config: { path_config_source: { path: /nonexistent/a } } }",
    "eds_cluster_config.eds_config.path_config_source.path",
    /^paths must refer to an existing path in the system: '\/nonexistent\/a' does not exist$/,
  ],
  [
    "EDS from a control plane whose own endpoints come by EDS",
    `type: EDS, eds_cluster_config: { eds_config: { api_config_source: { api_type: GRPC, transport_api_version: V3, grpc_services: [{ envoy_grpc: { cluster_name: c } }] } } }`,
    "eds_cluster_config.eds_config.api_config_source",
    /^envoy\.config\.core\.v3\.ApiConfigSource must have a statically defined non-EDS cluster: 'c' does not exist, was added via api, or is an EDS cluster$/,
  ],
  [
    "two endpoints of a logical name",
    `type: LOGICAL_DNS, ${ASSIGNMENT(ENDPOINT("a"), ENDPOINT("b"))}`,
    "load_assignment",
    /^LOGICAL_DNS clusters must have a single locality_lb_endpoint and a single lb_endpoint, got 1 and 2$/,
  ],
  [
    "no endpoint of a logical name",
    "type: LOGICAL_DNS",
    "",
    /^LOGICAL_DNS clusters must have a single/,
  ],
  [
    "happy eyeballs for a logical name",
    `type: LOGICAL_DNS, dns_lookup_family: ALL, ${ASSIGNMENT(ENDPOINT("a"))}`,
    "dns_lookup_family",
    /^not implemented yet: dns_lookup_family ALL/,
  ],
  [
    "two categories of overload",
    "load_assignment: { cluster_name: c, policy: { drop_overloads: [ { category: x }, { category: z } ] } }",
    "load_assignment.policy.drop_overloads",
    /^expected one category at most, got 2$/,
  ],
  [
    "more than everything dropped",
    "load_assignment: { cluster_name: c, policy: { drop_overloads: [ { category: x, drop_percentage: { numerator: 150 } } ] } }",
    "load_assignment.policy.drop_overloads[0].drop_percentage",
    /^drop ratio 1\.5 \(numerator 150, denominator 100\): the valid range is 0 to 1$/,
  ],
  [
    "a back-off that ends before it begins",
    "type: STRICT_DNS, dns_failure_refresh_rate: { base_interval: 5s, max_interval: 2s }",
    "dns_failure_refresh_rate.max_interval",
    /max_interval greater than or equal to the base_interval$/,
  ],
  [
    "a discovery type for later",
    "type: ORIGINAL_DST",
    "type",
    /^not implemented yet: cluster type ORIGINAL_DST$/,
  ],
  [
    "a policy for later",
    "lb_policy: CLUSTER_PROVIDED",
    "lb_policy",
    /^not implemented yet: .*LbPolicy CLUSTER_PROVIDED$/,
  ],
  [
    "a policy list that is missing",
    "lb_policy: LOAD_BALANCING_POLICY_CONFIG",
    "lb_policy",
    /^field load_balancing_policy needs to be set$/,
  ],
  [
    "an empty policy list",
    "load_balancing_policy: {}",
    "load_balancing_policy",
    /^didn't find a registered load balancer factory implementation for cluster: 'c' with names from \[\]$/,
  ],
  [
    "locality settings in two places",
    'common_lb_config: { locality_weighted_lb_config: {} }, load_balancing_policy: { policies: [ { typed_extension_config: { name: x, typed_config: { "@type": type.googleapis.com/envoy.extensions.load_balancing_policies.random.v3.Random } } } ] }',
    "load_balancing_policy",
    /^load_balancing_policy cannot be combined with settings of localities or hashing in common_lb_config$/,
  ],
  [
    "a ring whose sizes cross",
    "lb_policy: RING_HASH, ring_hash_lb_config: { minimum_ring_size: 9, maximum_ring_size: 8 }",
    "ring_hash_lb_config.minimum_ring_size",
    /^ring hash: minimum_ring_size \(9\) > maximum_ring_size \(8\)$/,
  ],
  [
    "a Maglev table of a size that is no prime",
    "lb_policy: MAGLEV, maglev_lb_config: { table_size: 65536 }",
    "maglev_lb_config.table_size",
    /^The table size of maglev must be prime number, got 65536$/,
  ],
  [
    "names of hosts that have none",
    "common_lb_config: { consistent_hashing_lb_config: { use_hostname_for_hashing: true } }",
    "common_lb_config.consistent_hashing_lb_config.use_hostname_for_hashing",
    /^Cannot use hostname for consistent hashing loadbalancing: expected type STRICT_DNS$/,
  ],
  [
    "negative time",
    "connect_timeout: 1s, common_http_protocol_options: { idle_timeout: -1s }",
    "common_http_protocol_options.idle_timeout",
    /expected a positive duration/,
  ],
  [
    "a source that is no address",
    "upstream_bind_config: { source_address: { address: foo, port_value: 0 } }",
    "upstream_bind_config.source_address.address",
    /^malformed IP address: foo$/,
  ],
  [
    "a fixed source port",
    "upstream_bind_config: { source_address: { address: 127.0.0.1, port_value: 9 } }",
    "upstream_bind_config.source_address.port_value",
    /^not implemented yet: a fixed source port, got 9$/,
  ],
  [
    "a choice by ALPN without TLS",
    TYPED(OPTIONS, "auto_config: {}"),
    `typed_extension_protocol_options["${OPTIONS}"].auto_config`,
    /^ALPN configured for cluster c which has a non-ALPN transport socket$/,
  ],
  [
    "HTTP/3 in the typed options",
    TYPED(OPTIONS, "explicit_http_config: { http3_protocol_options: {} }"),
    `typed_extension_protocol_options["${OPTIONS}"].explicit_http_config.http3_protocol_options`,
    /not implemented yet: .*http3_protocol_options$/,
  ],
  [
    "protocol options of nobody",
    TYPED("foo", "explicit_http_config: { http_protocol_options: {} }"),
    'typed_extension_protocol_options["foo"]',
    /implementation for name: 'foo'$/,
  ],
  [
    "health checks",
    "health_checks: [ { timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, tcp_health_check: {} } ]",
    "health_checks",
    /^not implemented yet: .*Cluster\.health_checks$/,
  ],
  [
    "a transport socket without its type",
    "transport_socket: { name: raw }",
    "transport_socket.name",
    /^Didn't find a registered implementation for 'raw' with type URL: ''$/,
  ],
  [
    "probes of keepalive",
    "upstream_connection_options: { tcp_keepalive: { keepalive_probes: 3 } }",
    "upstream_connection_options.tcp_keepalive.keepalive_probes",
    /^not implemented yet/,
  ],
];

for (const [name, fields, path, message] of CASES) {
  void test(`refused with its place: ${name}`, () => {
    const { problems } = compileYaml(`- { name: c, ${fields} }`);
    const errors = problems.filter(({ severity }) => severity === "error");
    assert.equal(errors.length, 1, JSON.stringify(errors));
    assert.match(errors[0]!.message, message);
    assert.equal(
      errors[0]!.path,
      path === ""
        ? "static_resources.clusters[0].load_assignment"
        : `static_resources.clusters[0].${path}`,
    );
    assert.equal(errors[0]!.place?.line, 3);
  });
}

void test("a name that comes twice is refused at the second", () => {
  const { problems } = compileYaml("- name: c\n- name: d\n- name: c\n");
  assert.deepEqual(problems, [
    {
      severity: "error",
      place: { file: "c.yaml", line: 5, column: 11 },
      path: "static_resources.clusters[2].name",
      message: "cluster manager: duplicate cluster 'c'",
    },
  ]);
});
