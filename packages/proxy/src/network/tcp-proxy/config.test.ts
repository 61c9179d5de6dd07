import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "@nuncio/api";
import type { TcpProxy } from "@nuncio/api/types/envoy/extensions/filters/network/tcp_proxy/v3/tcp_proxy_pb";
import { testCompileContext } from "../../config/testing/compile-context.ts";
import { tcpProxyConfigSide } from "./config.ts";
import type { TcpProxyConfig } from "./model.ts";

function compiled(content: string): TcpProxyConfig {
  const { message, problems } = load<TcpProxy>(tcpProxyConfigSide.configType, [
    { name: "tcp.yaml", content },
  ]);
  const scope = {
    name: "l",
    statPrefix: "listener.l.",
    perConnectionBufferLimitBytes: 1,
    workers: 1,
  };
  const config = tcpProxyConfigSide.compile(message, testCompileContext(problems), scope);
  assert.deepEqual(problems.list, []);
  return config;
}

void test("a TCP proxy of two lines has Envoy's defaults", () => {
  const config = compiled("stat_prefix: s\ncluster: c");
  assert.deepEqual(
    [config.idleTimeoutMs, config.maxConnectAttempts, config.maxDownstreamConnectionDurationMs],
    [3_600_000, 1, 0],
  );
  assert.deepEqual(config.clusters, [{ name: "c", weight: 1 }]);
  assert.equal(compiled("stat_prefix: s\ncluster: c\nidle_timeout: 0s").idleTimeoutMs, 0);
});
