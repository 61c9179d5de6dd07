import assert from "node:assert/strict";
import { test } from "node:test";
import type { ClusterDefinition } from "../definition.ts";
import { flagsOfStatus, HealthStatus } from "../shared/health-status.ts";
import { compileYaml } from "../testing/compile-yaml.ts";

/** The one cluster of a text without errors. */
function compileOne(yaml: string): ClusterDefinition {
  const { definitions, problems } = compileYaml(yaml);
  const errors = problems.filter(({ severity }) => severity === "error");
  assert.deepEqual(errors, []);
  return definitions[0]!;
}

void test("a cluster of two lines has Envoy's defaults", () => {
  const { config, discovery, loadAssignment, waitForWarmOnInit } = compileOne("- name: a:b\n");
  assert.deepEqual(config.scope, { base: 0, histogramBase: 0, prefix: "cluster.a_b." });
  assert.equal(config.observabilityName, "a:b");
  assert.equal(config.connectTimeoutMs, 5000);
  assert.equal(config.perConnectionBufferLimitBytes, 1_048_576);
  assert.deepEqual(config.loadBalancer, {
    algorithm: "round_robin",
    slowStart: null,
    localityWeighted: false,
    healthyPanicThresholdPercent: 50,
  });
  const thresholds = {
    maxConnections: 1024,
    maxPendingRequests: 1024,
    maxRequests: 1024,
    maxRetries: 3,
    maxConnectionPools: Infinity,
    retryBudget: null,
    trackRemaining: false,
  };
  assert.deepEqual(config.circuitBreakers, { default: thresholds, high: thresholds });
  assert.deepEqual(config.http, {
    pool: "generic",
    protocol: "http1",
    http2: null,
    serverNames: null,
    idleTimeoutMs: 3_600_000,
    maxConnectionDurationMs: 0,
    maxConnectionDurationJitterPercent: 0,
    maxStreamDurationMs: 0,
    maxRequestsPerConnection: 0,
    maxResponseHeadersCount: 100,
    maxResponseHeadersKb: 80,
    http1: {
      enableTrailers: false,
      allowChunkedLength: false,
      headerKeyFormat: "lower_case",
      preserveCase: null,
      sendFullyQualifiedUrl: false,
    },
  });
  assert.deepEqual(
    [config.tcpKeepalive, config.sourceAddress, config.metadata],
    [null, null, null],
  );
  assert.deepEqual(discovery, { type: "STATIC" });
  assert.deepEqual(loadAssignment.localities, []);
  assert.equal(waitForWarmOnInit, true);
});

void test("everything of a load assignment", () => {
  const { loadAssignment } = compileOne(`
- name: c
  load_assignment:
    cluster_name: c
    policy: { overprovisioning_factor: 100, weighted_priority_health: true, drop_overloads: [ { category: x, drop_percentage: { numerator: 5, denominator: TEN_THOUSAND } } ] }
    endpoints:
    - priority: 1
      locality: { region: r, zone: z, sub_zone: s }
      load_balancing_weight: 3
      lb_endpoints:
      - endpoint: { address: { socket_address: { address: 10.0.0.1, port_value: 80 } }, hostname: h }
        health_status: DRAINING
        load_balancing_weight: 7
        metadata: { filter_metadata: { envoy.lb: { a: [1, x] } } }
      - endpoint: { address: { socket_address: { address: "2001:DB8:0::1", port_value: 80 } } }
      - endpoint: { address: { pipe: { path: /run/x.sock } } }
        health_status: TIMEOUT
    - load_balancing_weight: 9
      lb_endpoints:
      - endpoint: { address: { socket_address: { address: 10.0.0.2, port_value: 81 } } }
        health_status: DEGRADED
`);
  const plain = { hostname: "", weight: 1, healthFlags: 0, metadata: null };
  assert.deepEqual(loadAssignment, {
    overprovisioningFactor: 100,
    weightedPriorityHealth: true,
    dropOverloadRatio: 0.0005,
    dropCategory: "x",
    staleAfterMs: 0,
    localities: [
      {
        locality: { region: "r", zone: "z", subZone: "s" },
        weight: 3,
        priority: 1,
        endpoints: [
          {
            target: { address: { text: "10.0.0.1:80", ip: "10.0.0.1", port: 80 } },
            hostname: "h",
            weight: 7,
            healthFlags: flagsOfStatus(HealthStatus.Draining),
            metadata: { "envoy.lb": { a: [1, "x"] } },
          },
          {
            ...plain,
            target: { address: { text: "[2001:db8::1]:80", ip: "2001:db8::1", port: 80 } },
          },
          {
            ...plain,
            target: { address: { text: "/run/x.sock", ip: "/run/x.sock", port: 0 } },
            healthFlags: flagsOfStatus(HealthStatus.Timeout),
          },
        ],
      },
      {
        locality: { region: "", zone: "", subZone: "" },
        // A weight without a locality counts for nothing.
        weight: 0,
        priority: 0,
        endpoints: [
          {
            ...plain,
            target: { address: { text: "10.0.0.2:81", ip: "10.0.0.2", port: 81 } },
            healthFlags: flagsOfStatus(HealthStatus.Degraded),
          },
        ],
      },
    ],
  });
});

void test("circuit breakers by priority, the first of each", () => {
  const { config } = compileOne(`
- name: c
  circuit_breakers:
    thresholds:
    - { max_connections: 1, max_pending_requests: 2, max_requests: 3, max_retries: 4, max_connection_pools: 5, track_remaining: true }
    - { max_connections: 99 }
    - { priority: HIGH, retry_budget: { budget_percent: { value: 12.5 } } }
`);
  assert.deepEqual(config.circuitBreakers.default, {
    maxConnections: 1,
    maxPendingRequests: 2,
    maxRequests: 3,
    maxRetries: 4,
    maxConnectionPools: 5,
    retryBudget: null,
    trackRemaining: true,
  });
  assert.deepEqual(config.circuitBreakers.high.retryBudget, {
    budgetPercent: 12.5,
    minRetryConcurrency: 3,
  });
});

void test("connection settings", () => {
  const { config, waitForWarmOnInit } = compileOne(`
- name: c
  alt_stat_name: other
  connect_timeout: 0.25s
  per_connection_buffer_limit_bytes: 32768
  upstream_connection_options: { tcp_keepalive: { keepalive_time: 30 } }
  upstream_bind_config: { source_address: { address: "::1", port_value: 0 } }
  metadata: { filter_metadata: { a: { b: true } } }
  close_connections_on_host_health_failure: true
  wait_for_warm_on_init: false
  cleanup_interval: 1s
  ignore_health_on_host_removal: true
  transport_socket: { name: x, typed_config: { "@type": type.googleapis.com/envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer } }
`);
  assert.equal(config.observabilityName, "other");
  assert.equal(config.scope.prefix, "cluster.other.");
  assert.equal(config.connectTimeoutMs, 250);
  assert.equal(config.perConnectionBufferLimitBytes, 32768);
  assert.deepEqual(config.tcpKeepalive, { timeS: 30 });
  assert.deepEqual(config.sourceAddress, { text: "[::1]:0", ip: "::1", port: 0 });
  assert.deepEqual(config.metadata, { a: { b: true } });
  assert.equal(config.closeConnectionsOnHostHealthFailure, true);
  assert.equal(waitForWarmOnInit, false);
});

const OPTIONS = `
  typed_extension_protocol_options:
    envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
      "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions`;

void test("typed HTTP options win over the cluster's deprecated ones", () => {
  const { config } = compileOne(`
- name: c
  max_requests_per_connection: 5
  common_http_protocol_options: { idle_timeout: 9s }
  http_protocol_options: { enable_trailers: true }${OPTIONS}
      common_http_protocol_options: { idle_timeout: 0s, max_connection_duration: 60s, max_connection_duration_jitter: { value: 10 }, max_headers_count: 7, max_response_headers_kb: 9, max_stream_duration: 1.5s }
      explicit_http_config: { http_protocol_options: { allow_chunked_length: true, send_fully_qualified_url: true, header_key_format: { proper_case_words: {} } } }
`);
  assert.deepEqual(config.http, {
    pool: "generic",
    protocol: "http1",
    http2: null,
    serverNames: null,
    idleTimeoutMs: 0,
    maxConnectionDurationMs: 60_000,
    maxConnectionDurationJitterPercent: 10,
    maxStreamDurationMs: 1500,
    // Not in the typed options, so the cluster's own field counts.
    maxRequestsPerConnection: 5,
    maxResponseHeadersCount: 7,
    maxResponseHeadersKb: 9,
    http1: {
      enableTrailers: false,
      allowChunkedLength: true,
      headerKeyFormat: "proper_case_words",
      preserveCase: null,
      sendFullyQualifiedUrl: true,
    },
  });
});

void test("what the hosts speak", () => {
  const protocolOf = (options: string): string =>
    compileOne(`- name: c${options}`).config.http.protocol;
  const typed = (specifier: string): string => protocolOf(`${OPTIONS}\n      ${specifier}\n`);
  assert.equal(typed("explicit_http_config: { http2_protocol_options: {} }"), "http2");
  assert.equal(typed("use_downstream_protocol_config: {}"), "downstream");
  assert.equal(protocolOf("\n  http2_protocol_options: {}"), "http2");
  assert.equal(
    protocolOf("\n  http2_protocol_options: {}\n  protocol_selection: USE_DOWNSTREAM_PROTOCOL"),
    "downstream",
  );
  const { http } = compileOne(`
- name: c
  per_connection_buffer_limit_bytes: 5000${OPTIONS}
      common_http_protocol_options: { max_headers_count: 7 }
      explicit_http_config:
        http2_protocol_options:
          max_concurrent_streams: 12
          initial_stream_window_size: 70000
          connection_keepalive: { interval: 2s, timeout: 1s }
`).config;
  const { options, keepalive } = http.http2!;
  assert.deepEqual(
    [options.maxConcurrentStreams, options.initialStreamWindowBytes, options.maxHeadersCount],
    [12, 70_000, 7],
  );
  assert.equal(options.streamBufferLimitBytes, 5000);
  assert.deepEqual(keepalive, {
    intervalMs: 2000,
    timeoutMs: 1000,
    intervalJitterPercent: 15,
    connectionIdleIntervalMs: 0,
  });
});

void test("the deprecated HTTP options alone", () => {
  const { config } = compileOne(`
- name: c
  common_http_protocol_options: { idle_timeout: 9s, max_requests_per_connection: 6 }
  http_protocol_options: { enable_trailers: true }
`);
  assert.equal(config.http.idleTimeoutMs, 9000);
  assert.equal(config.http.maxRequestsPerConnection, 6);
  assert.equal(config.http.http1.enableTrailers, true);
});

void test("DNS settings of the cluster", () => {
  const { discovery, loadAssignment } = compileOne(`
- name: c
  type: STRICT_DNS
  dns_refresh_rate: 3s
  dns_jitter: 0.5s
  dns_failure_refresh_rate: { base_interval: 1s }
  respect_dns_ttl: true
  dns_lookup_family: V4_PREFERRED
  dns_resolvers: [ { socket_address: { address: 127.0.0.1, port_value: 0 } }, { socket_address: { address: "::1", port_value: 5353 } } ]
  load_assignment: { cluster_name: c, endpoints: [ { lb_endpoints: [ { endpoint: { address: { socket_address: { address: example.com, port_value: 80 } } } } ] } ] }
`);
  assert.deepEqual(discovery, {
    type: "STRICT_DNS",
    dns: {
      refreshRateMs: 3000,
      respectTtl: true,
      minRefreshRateMs: 0,
      jitterMs: 500,
      failureBackoff: { baseMs: 1000, maxMs: 10_000 },
      lookupFamily: "V4_PREFERRED",
      resolver: {
        kind: "cares",
        servers: ["127.0.0.1:53", "[::1]:5353"],
        queryTimeoutMs: 5000,
        queryTries: 4,
        searchDomains: true,
      },
    },
  });
  assert.deepEqual(loadAssignment.localities[0]!.endpoints[0]!.target, {
    host: "example.com",
    port: 80,
  });
});

void test("the typed DNS cluster is strict or logical", () => {
  for (const [single, type] of [
    ["false", "STRICT_DNS"],
    ["true", "LOGICAL_DNS"],
  ] as const) {
    const { discovery, config } = compileOne(`
- name: c
  dns_refresh_rate: 77s
  cluster_type:
    name: x
    typed_config:
      "@type": type.googleapis.com/envoy.extensions.clusters.dns.v3.DnsCluster
      all_addresses_in_single_endpoint: ${single}
      dns_lookup_family: V6_ONLY
      dns_min_refresh_rate: 2s
      typed_dns_resolver_config: { name: r, typed_config: { "@type": type.googleapis.com/envoy.extensions.network.dns_resolver.getaddrinfo.v3.GetAddrInfoDnsResolverConfig } }
  load_assignment: { cluster_name: c, endpoints: [ { lb_endpoints: [ { endpoint: { address: { socket_address: { address: example.com, port_value: 80 } } } } ] } ] }
`);
    assert.deepEqual(discovery, {
      type,
      dns: {
        refreshRateMs: 5000,
        respectTtl: false,
        minRefreshRateMs: 2000,
        jitterMs: 0,
        failureBackoff: null,
        lookupFamily: "V6_ONLY",
        resolver: { kind: "getaddrinfo" },
      },
    });
    assert.equal(config.discoveryType, type);
  }
});

void test("the settings of the c-ares resolver", () => {
  const { discovery } = compileOne(`
- name: c
  type: STRICT_DNS
  typed_dns_resolver_config:
    name: r
    typed_config:
      "@type": type.googleapis.com/envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig
      resolvers: [ { socket_address: { address: 127.0.0.1, port_value: 5300 } } ]
      dns_resolver_options: { no_default_search_domain: true }
      query_timeout_seconds: 2
      query_tries: 1
`);
  assert.ok(discovery.type === "STRICT_DNS");
  assert.deepEqual(discovery.dns.resolver, {
    kind: "cares",
    servers: ["127.0.0.1:5300"],
    queryTimeoutMs: 2000,
    queryTries: 1,
    searchDomains: false,
  });
});

void test("endpoints that become stale", () => {
  const { loadAssignment } = compileOne(`
- name: c
  load_assignment: { cluster_name: c, policy: { endpoint_stale_after: 1.5s } }
`);
  assert.equal(loadAssignment.staleAfterMs, 1500);
});
