import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "@nuncio/api";
import type { ConfigSource } from "@nuncio/api/types/envoy/config/core/v3/config_source_pb";
import { ConfigSourceError, readConfigSource } from "./config-source.ts";
import type { SourceSettings } from "./config-source.ts";

function read(yaml: string): SourceSettings {
  const { message, problems } = load<ConfigSource>("envoy.config.core.v3.ConfigSource", [
    { name: "source.yaml", content: yaml },
  ]);
  assert.deepEqual(
    problems.list.filter(({ severity }) => severity === "error"),
    [],
  );
  return readConfigSource(message);
}

const GRPC = `api_config_source:
  api_type: GRPC
  transport_api_version: V3
  grpc_services: [{envoy_grpc: {cluster_name: xds}}]
`;

test("a gRPC source has Envoy's defaults", () => {
  const { source, initialFetchTimeoutMs } = read(GRPC);
  assert.equal(initialFetchTimeoutMs, 15_000);
  assert.ok(source.kind === "grpc");
  const { isDelta, isAggregated, backOff, requestLimit, setNodeOnFirstMessageOnly } = source;
  assert.deepEqual([isDelta, isAggregated, setNodeOnFirstMessageOnly], [false, false, false]);
  assert.deepEqual(backOff, { baseIntervalMs: 500, maxIntervalMs: 30_000 });
  assert.equal(requestLimit, null);
});

test("protocol, rate limit, back-off and timeout are read", () => {
  const { source, initialFetchTimeoutMs } = read(`initial_fetch_timeout: 0s
api_config_source:
  api_type: AGGREGATED_DELTA_GRPC
  transport_api_version: V3
  set_node_on_first_message_only: true
  rate_limit_settings: {fill_rate: 2}
  grpc_services:
  - envoy_grpc:
      cluster_name: xds
      retry_policy: {retry_back_off: {base_interval: 0.2s}}
`);
  assert.equal(initialFetchTimeoutMs, 0);
  assert.ok(source.kind === "grpc");
  assert.deepEqual([source.isDelta, source.isAggregated], [true, true]);
  assert.equal(source.setNodeOnFirstMessageOnly, true);
  assert.deepEqual(source.requestLimit, { maxTokens: 100, fillRate: 2 });
  assert.deepEqual(source.backOff, { baseIntervalMs: 200, maxIntervalMs: 2000 });
});

test("REST, files, ads and self", () => {
  const rest = read(`api_config_source:
  {api_type: REST, transport_api_version: V3, cluster_names: [xds], refresh_delay: 3s}`);
  assert.deepEqual(rest.source, {
    kind: "rest",
    clusterName: "xds",
    refreshDelayMs: 3000,
    requestTimeoutMs: 1000,
  });
  const file = read("path_config_source: {path: eds.yaml, watched_directory: {path: folder}}");
  assert.deepEqual(file.source, { kind: "file", path: "eds.yaml", watchedDirectory: "folder" });
  assert.deepEqual(read("ads: {}").source, { kind: "ads" });
  assert.deepEqual(read("self: {}").source, { kind: "self" });
});

test("sources that differ in their timeout only share a connection", () => {
  const other = read(`initial_fetch_timeout: 1s\n${GRPC}`);
  assert.equal(other.key, read(GRPC).key);
  assert.notEqual(other.key, read(GRPC.replace("xds", "other")).key);
});

for (const [what, yaml, expected] of [
  ["nothing", "{}", /config_source_specifier/],
  [
    "bytes of metadata",
    GRPC.replace("xds}}", "xds}, initial_metadata: [{key: a, raw_value: YQ==}]}"),
    /initial_metadata\.raw_value/,
  ],
  ["another version of the transport", GRPC.replace("V3", "V2"), /transport_api_version/],
  ["a cluster name with gRPC", `${GRPC}  cluster_names: [xds]`, /cluster_names: expected none/],
  [
    "two services",
    GRPC.replace("}}]", "}}, {envoy_grpc: {cluster_name: b}}]"),
    /grpc_services: expected one, got 2/,
  ],
  [
    "REST without a delay",
    "api_config_source: {api_type: REST, transport_api_version: V3, cluster_names: [a]}",
    /refresh_delay/,
  ],
  [
    "REST of two clusters",
    "api_config_source: {api_type: REST, transport_api_version: V3, cluster_names: [a, b]}",
    /cluster_names: expected one/,
  ],
  [
    "a file that is polled",
    "path_config_source: {path: a, poll_interval: 1s}",
    /poll_interval: not supported/,
  ],
  [
    "a limit of messages",
    GRPC.replace("cluster_name: xds", "cluster_name: xds, max_receive_message_length: 9"),
    /max_receive_message_length: not supported/,
  ],
  [
    "a service without the proxy's headers",
    GRPC.replace("cluster_name: xds", "cluster_name: xds, skip_envoy_headers: true"),
    /skip_envoy_headers: not supported/,
  ],
  [
    "a count of retries",
    GRPC.replace("cluster_name: xds", "cluster_name: xds, retry_policy: {num_retries: 3}"),
    /num_retries: not supported/,
  ],
  [
    "back-off bounds in the wrong order",
    GRPC.replace(
      "cluster_name: xds",
      "cluster_name: xds, retry_policy: {retry_back_off: {base_interval: 2s, max_interval: 1s}}",
    ),
    /max_interval: expected at least/,
  ],
] as const) {
  test(`refused by name: ${what}`, () => {
    assert.throws(
      () => read(yaml),
      (error) => {
        assert.ok(error instanceof ConfigSourceError);
        assert.match(error.message, expected);
        return true;
      },
    );
  });
}
