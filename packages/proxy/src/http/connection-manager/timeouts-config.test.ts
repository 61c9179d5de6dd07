import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "@nuncio/api";
import type { HttpConnectionManager } from "@nuncio/api/types/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb";
import { testCompileContext } from "../../config/testing/compile-context.ts";
import { compileTimeouts } from "./timeouts-config.ts";

const TYPE = "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";

function compiled(content: string): ReturnType<typeof compileTimeouts> {
  const { message, problems } = load<HttpConnectionManager>(TYPE, [{ name: "hcm.yaml", content }]);
  const timeouts = compileTimeouts(message, testCompileContext(problems));
  assert.deepEqual(problems.list, []);
  return timeouts;
}

void test("a connection manager that says nothing has Envoy's timeouts", () => {
  assert.deepEqual(compiled("stat_prefix: s"), {
    idleTimeoutMs: 3_600_000,
    streamIdleTimeoutMs: 300_000,
    streamFlushTimeoutMs: 300_000,
    requestTimeoutMs: 0,
    requestHeadersTimeoutMs: 0,
    drainTimeoutMs: 5000,
    drainTimeoutJitterPercent: 0,
    delayedCloseTimeoutMs: 1000,
    maxConnectionDurationMs: 0,
    maxConnectionDurationJitterPercent: 0,
    safeMaxConnectionDuration: false,
    maxStreamDurationMs: 0,
  });
});

void test("empty protocol options change none of them, a zero turns one off", () => {
  const { idleTimeoutMs } = compiled("common_http_protocol_options: {}");
  assert.equal(idleTimeoutMs, 3_600_000);
  const off = compiled(
    "common_http_protocol_options: { idle_timeout: 0s }\nstream_idle_timeout: 0s",
  );
  assert.deepEqual([off.idleTimeoutMs, off.streamIdleTimeoutMs], [0, 0]);
});
