import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULT_HTTP1_OPTIONS, DEFAULT_HTTP2_OPTIONS } from "@nuncio/codec";
import type { HttpConnectionManagerConfig } from "../http/connection-manager/model.ts";
import type { ListenerConfig } from "../listener/model.ts";
import { compileBootstrap } from "../main/compile-bootstrap.ts";
import type { ProxyOptions } from "../main/options.ts";
import { StatsStore } from "../observe/stats/store.ts";
import { clusterYaml, httpBootstrap, ROUTER_FILTER } from "../testing/bootstrap.ts";
import type { ClusterDefinition } from "../upstream/definition.ts";
import { http2Cluster } from "./testing/evil-host.ts";

const MIB = 1024 * 1024;
const HOUR_MS = 3_600_000;

/** What limits a proxy that says nothing of limits: Envoy's defaults, but for those that Envoy does not have. */
function compiled(): {
  readonly listener: ListenerConfig;
  readonly manager: HttpConnectionManagerConfig;
  readonly cluster: ClusterDefinition["config"];
} {
  const yaml = httpBootstrap(`route_config: {}\n          http_filters: [${ROUTER_FILTER}]`, [
    clusterYaml("one", 1, http2Cluster()),
  ]);
  const options = { concurrency: 1 } as ProxyOptions;
  const sources = [{ name: "test.yaml", content: yaml }];
  const { listeners, clusters, problems } = compileBootstrap(sources, options, new StatsStore());
  assert.deepEqual(
    problems.filter(({ severity }) => severity === "error"),
    [],
  );
  const listener = listeners[0]!;
  const chain = listener.filterChains[0]!;
  const manager = chain.filters[0]!.config as HttpConnectionManagerConfig;
  return { listener, manager, cluster: clusters[0]!.config };
}

const { listener, manager, cluster } = compiled();

void test("limits of time of clients", () => {
  assert.equal(manager.idleTimeoutMs, HOUR_MS);
  assert.equal(manager.streamIdleTimeoutMs, 300_000);
  assert.equal(manager.streamFlushTimeoutMs, 300_000);
  assert.equal(manager.requestTimeoutMs, 0);
  assert.equal(manager.requestHeadersTimeoutMs, 0);
  assert.equal(manager.drainTimeoutMs, 5000);
  assert.equal(manager.delayedCloseTimeoutMs, 1000);
  assert.equal(manager.maxConnectionDurationMs, 0);
  assert.equal(manager.maxStreamDurationMs, 0);
});

void test("limits of number and size of clients", () => {
  assert.equal(listener.perConnectionBufferLimitBytes, MIB);
  assert.equal(manager.maxRequestsPerConnection, Infinity);
  assert.deepEqual(manager.requestLimits, {
    maxRequestsPerIoCycle: 100,
    prematureResetTotalStreamCount: 500,
    prematureResetMinStreamLifetimeSeconds: 1,
  });
  assert.equal(manager.http1.maxHeadersKb, 60);
  assert.equal(manager.http1.maxHeadersCount, 100);
  assert.deepEqual(manager.http1, DEFAULT_HTTP1_OPTIONS);
  assert.deepEqual(manager.http2.options, DEFAULT_HTTP2_OPTIONS);
});

void test("limits of HTTP/2, both sides", () => {
  const expected = {
    hpackTableSizeBytes: 4096,
    maxConcurrentStreams: 1024,
    initialStreamWindowBytes: 16 * MIB,
    initialConnectionWindowBytes: 24 * MIB,
    allowConnect: false,
    maxOutboundFrames: 10_000,
    maxOutboundControlFrames: 1000,
    maxConsecutiveInboundFramesWithEmptyPayload: 1,
    maxInboundPriorityFramesPerStream: 100,
    maxInboundWindowUpdateFramesPerDataFrameSent: 10,
    maxInboundIgnoredFramesPerMessageFrame: 100,
    overrideStreamErrorOnInvalidHttpMessage: false,
    maxHeadersKb: 60,
    maxHeadersCount: 100,
    maxInterimResponses: 100,
    headersWithUnderscoresAction: "ALLOW",
    streamResetBurst: 1000,
    streamResetsPerSecond: 33,
    ownResetBurst: 200,
    ownResetsPerSecond: 20,
    settingsBurst: 1000,
    settingsPerSecond: 33,
    streamBufferLimitBytes: MIB,
    connectionBufferLimitBytes: 16 * MIB,
    crowdedStreamBufferLimitBytes: 64 * 1024,
    maxFrameSizeBytes: 16_384,
    maxHeaderFieldKb: 64,
    disallowObsText: false,
    customSettings: [],
    huffman: "table",
  };
  assert.deepEqual(manager.http2.options, expected);
  assert.deepEqual(cluster.http.http2?.options, expected);
});

void test("limits of hosts", () => {
  assert.equal(cluster.connectTimeoutMs, 5000);
  assert.equal(cluster.perConnectionBufferLimitBytes, MIB);
  assert.equal(cluster.http.idleTimeoutMs, HOUR_MS);
  assert.equal(cluster.http.maxResponseHeadersCount, 100);
  const { maxConnections, maxPendingRequests, maxRequests, maxRetries } =
    cluster.circuitBreakers.default;
  assert.deepEqual([maxConnections, maxPendingRequests, maxRequests], [1024, 1024, 1024]);
  assert.equal(maxRetries, 3);
});
