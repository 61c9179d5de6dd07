import assert from "node:assert/strict";
import { test } from "node:test";
import { HeaderMap } from "@nuncio/codec";
import type { GrpcTimeoutLimits, RouteEntry } from "../route/entry.ts";
import { streamDurationMs } from "./stream-duration.ts";

interface Limits {
  readonly maxStreamDurationMs?: number;
  readonly grpcTimeoutHeader?: GrpcTimeoutLimits;
}

/** The duration, and the `grpc-timeout` that goes on. */
function duration(
  limits: Limits,
  lines: { readonly [name: string]: string },
  managerMs = 0,
): readonly [number, string | undefined] {
  const headers = new HeaderMap();
  for (const [name, value] of Object.entries(lines)) headers.add(name, value);
  const route = { grpcTimeoutHeader: null, maxStreamDurationMs: undefined, ...limits };
  const ms = streamDurationMs(route as unknown as RouteEntry, headers, managerMs);
  return [ms, headers.get("grpc-timeout")];
}

const GRPC = { "content-type": "application/grpc" };

void test("grpc-timeout counts within its maximum, less the offset; a maximum of 0 trusts it", () => {
  const asked = { ...GRPC, "grpc-timeout": "500m" };
  const limits = (maxMs: number, offsetMs: number): Limits => ({
    grpcTimeoutHeader: { maxMs, offsetMs },
  });
  assert.deepEqual(duration(limits(0, 0), asked), [500, "500m"]);
  assert.deepEqual(duration(limits(300, 0), asked), [300, "300m"]);
  assert.deepEqual(duration(limits(0, 200), asked), [300, "300m"]);
  assert.deepEqual(duration(limits(0, 900), asked), [0, "0m"]);
});

void test("without it, or where it does not count, it is the route's own limit or the manager's", () => {
  const asked = { ...GRPC, "grpc-timeout": "500m" };
  const max = { maxMs: 0, offsetMs: 0 };
  assert.deepEqual(duration({ maxStreamDurationMs: 70 }, asked, 90), [70, "70m"]);
  assert.deepEqual(duration({ grpcTimeoutHeader: max, maxStreamDurationMs: 70 }, GRPC), [
    70,
    "70m",
  ]);
  assert.deepEqual(duration({ grpcTimeoutHeader: max }, GRPC, 90), [90, "90m"]);
  assert.deepEqual(duration({ grpcTimeoutHeader: max }, GRPC), [-1, undefined]);
  assert.deepEqual(duration({ maxStreamDurationMs: 0 }, GRPC, 90), [-1, undefined]);
});

void test("a request that is not gRPC is limited all the same, and its header stays", () => {
  const limits = { grpcTimeoutHeader: { maxMs: 300, offsetMs: 0 } };
  assert.deepEqual(duration(limits, { "grpc-timeout": "500m" }), [300, "500m"]);
});
