import assert from "node:assert/strict";
import { test } from "node:test";
import { HeaderMap } from "@nuncio/codec";
import { parseMs, takeControlHeaders } from "./control-headers.ts";

void test("what is meant for this proxy is read and removed, the rest stays", () => {
  const headers = new HeaderMap();
  headers.add("user-agent", "a");
  headers.add("x-envoy-upstream-rq-timeout-ms", "250");
  headers.add("x-envoy-upstream-rq-per-try-timeout-ms", "100");
  headers.add("x-envoy-hedge-on-per-try-timeout", "true");
  headers.add("x-envoy-upstream-stream-duration-ms", "1s");
  headers.add("x-envoy-retry-on", "5xx");
  headers.add("x-envoy-upstream-alt-stat-name", "alt");
  headers.add("x-envoy-upstream-rq-timeout-alt-response", "1");
  headers.add("x-envoy-internal", "true");
  assert.deepEqual(takeControlHeaders(headers, false), {
    timeoutMs: 250,
    perTryTimeoutMs: 100,
    hedgeOnPerTryTimeout: true,
    streamDurationMs: null,
    timeoutAltResponse: true,
    altStatName: "alt",
    asksForRetries: true,
  });
  // What is asked of retries is read behind the edits of the route.
  const left = ["user-agent", "a", "x-envoy-retry-on", "5xx", "x-envoy-internal", "true"];
  assert.deepEqual(headers.entries, left);
  headers.remove("x-envoy-retry-on");
  assert.equal(takeControlHeaders(headers, false), null);
});

void test("the timeout may be left for the next proxy", () => {
  const headers = new HeaderMap();
  headers.add("x-envoy-upstream-rq-timeout-ms", "250");
  headers.add("x-envoy-hedge-on-per-try-timeout", "false");
  const control = takeControlHeaders(headers, true);
  assert.deepEqual([control?.timeoutMs, control?.hedgeOnPerTryTimeout], [250, false]);
  assert.deepEqual(headers.entries, ["x-envoy-upstream-rq-timeout-ms", "250"]);
});

void test("milliseconds are what Envoy takes for a number", () => {
  const texts = [
    "0",
    "250",
    "+20",
    " 7",
    "12345678901",
    "9999999999999999999",
    "-1",
    "1.5",
    "",
    "1e3",
    "1s",
    "20,30",
  ];
  const numbers = [0, 250, 20, 7, 12_345_678_901, null, null, null, null, null, null, null];
  assert.deepEqual(texts.map(parseMs), numbers);
  assert.equal(parseMs(undefined), null);
});
