import assert from "node:assert/strict";
import { test } from "node:test";
import { HeaderMap } from "@nuncio/codec";
import { readAskedRetries } from "./asked-retries.ts";
import { RetryOn } from "./retry-on.ts";

function asked(...entries: readonly string[]): ReturnType<typeof readAskedRetries> {
  const headers = new HeaderMap();
  headers.entries.push(...entries);
  return readAskedRetries(headers);
}

void test("conditions of both headers are one set, and there is none without them", () => {
  const { on } = asked("x-envoy-retry-on", "5xx,bogus", "x-envoy-retry-grpc-on", "internal");
  assert.equal(on, RetryOn.ServerError | RetryOn.GrpcInternal);
  assert.equal(asked("x-envoy-retry-on", "").on, 0);
  assert.equal(asked("x-envoy-max-retries", "3").on, null);
});

void test("numbers that are none are left out", () => {
  assert.equal(asked("x-envoy-max-retries", "3").retriesMax, 3);
  assert.equal(asked("x-envoy-max-retries", "3x").retriesMax, null);
  assert.equal(asked("x-envoy-max-retries", "-3").retriesMax, null);
  const codes = asked("x-envoy-retriable-status-codes", "404, 418,,x").statusCodes;
  assert.deepEqual(codes, [404, 418]);
});

void test("names of response headers, in any case", () => {
  const { responseTests } = asked("x-envoy-retriable-header-names", "X-A , x-b");
  const response = new HeaderMap();
  response.add("x-a", "");
  assert.deepEqual(
    responseTests.map((matches) => matches(response)),
    [true, false],
  );
});
