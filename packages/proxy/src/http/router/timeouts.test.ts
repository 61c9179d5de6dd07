import assert from "node:assert/strict";
import { test } from "node:test";
import { HeaderMap } from "@nuncio/codec";
import type { RetryPolicy } from "../retry/retry-policy.ts";
import type { RouteEntry } from "../route/entry.ts";
import { takeControlHeaders } from "./control-headers.ts";
import type { RouterConfig } from "./model.ts";
import { announceTimeout, timeLeftMs, globalTimeoutMs, perTryTimeoutMs } from "./timeouts.ts";

type RouteTimes = Pick<RouteEntry, "timeoutMs" | "maxGrpcTimeout">;

const ROUTE: RouteTimes = { timeoutMs: 15_000, maxGrpcTimeout: null };

function timeout(
  route: RouteTimes,
  lines: { readonly [name: string]: string },
  { grpc = false, respect = false } = {},
): number {
  const headers = new HeaderMap();
  for (const [name, value] of Object.entries(lines)) headers.add(name, value);
  const config = { respectExpectedRqTimeout: respect } as RouterConfig;
  const control = takeControlHeaders(headers, respect);
  return globalTimeoutMs(config, route as RouteEntry, headers, control, grpc);
}

void test("a trusted sender overrides the route, and the proxy before overrides both where it is respected", () => {
  const asked = { "x-envoy-upstream-rq-timeout-ms": "20", "x-envoy-expected-rq-timeout-ms": "30" };
  assert.equal(timeout(ROUTE, {}), 15_000);
  assert.equal(timeout(ROUTE, asked), 20);
  assert.equal(timeout(ROUTE, asked, { respect: true }), 30);
  assert.equal(
    timeout(ROUTE, { "x-envoy-expected-rq-timeout-ms": "x" }, { respect: true }),
    15_000,
  );
});

void test("max_grpc_timeout: grpc-timeout less the offset, within the maximum; 0 is no limit on either side", () => {
  const limits = (maxMs: number, offsetMs: number): RouteTimes => ({
    ...ROUTE,
    maxGrpcTimeout: { maxMs, offsetMs },
  });
  const header = { "grpc-timeout": "500m" };
  const grpc = { grpc: true };
  assert.equal(timeout(limits(0, 0), header, grpc), 500);
  assert.equal(timeout(limits(300, 0), header, grpc), 300);
  assert.equal(timeout(limits(0, 200), header, grpc), 300);
  assert.equal(timeout(limits(0, 500), header, grpc), 500);
  assert.equal(timeout(limits(300, 0), {}, grpc), 300);
  assert.equal(timeout(limits(0, 0), {}, grpc), 0);
  assert.equal(timeout(limits(300, 0), header), 15_000);
});

void test("a time per try that does not end before the whole is none", () => {
  const control = { perTryTimeoutMs: 100 } as never;
  const policy = { config: { perTryTimeoutMs: 150 } } as RetryPolicy;
  const ofSender = (globalMs: number): number => perTryTimeoutMs(control, policy, globalMs);
  assert.deepEqual([ofSender(200), ofSender(0), ofSender(100)], [100, 100, 0]);
  const ofPolicy = (globalMs: number): number => perTryTimeoutMs(null, policy, globalMs);
  assert.deepEqual([ofPolicy(200), ofPolicy(0), ofPolicy(150)], [150, 150, 0]);
  assert.equal(perTryTimeoutMs(null, null, 200), 0);
});

void test("a retry is told what is left, which is never nothing", () => {
  assert.deepEqual(
    [timeLeftMs(0, 0, 9), timeLeftMs(50, 0, 9), timeLeftMs(0, 200, 0)],
    [0, 50, 200],
  );
  assert.deepEqual([timeLeftMs(50, 200, 10), timeLeftMs(50, 200, 190)], [50, 10]);
  assert.deepEqual([timeLeftMs(0, 200, 200), timeLeftMs(50, 200, 300)], [1, 1]);
});

void test("the upstream is told; without x-envoy headers gRPC still is", () => {
  const told = (suppressEnvoyHeaders: boolean, expectedMs: number): string[] => {
    const headers = new HeaderMap();
    const route = { ...ROUTE, maxGrpcTimeout: { maxMs: 0, offsetMs: 0 } } as RouteEntry;
    announceTimeout({ suppressEnvoyHeaders } as RouterConfig, route, headers, expectedMs, true);
    return headers.entries;
  };
  assert.deepEqual(told(false, 70), [
    "x-envoy-expected-rq-timeout-ms",
    "70",
    "grpc-timeout",
    "70m",
  ]);
  assert.deepEqual(told(true, 70), ["grpc-timeout", "70m"]);
  assert.deepEqual(told(false, 0), []);
});
