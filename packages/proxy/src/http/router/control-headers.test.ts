import assert from "node:assert/strict";
import { test } from "node:test";
import { HeaderMap } from "@nuncio/codec";
import { parseMs, takeControlHeaders } from "./control-headers.ts";

void test("what is meant for this proxy is read and removed, the rest stays", () => {
  const headers = new HeaderMap();
  headers.add("user-agent", "a");
  headers.add("x-envoy-upstream-rq-timeout-ms", "250");
  headers.add("x-envoy-retry-on", "5xx");
  headers.add("x-envoy-upstream-alt-stat-name", "alt");
  headers.add("x-envoy-upstream-rq-timeout-alt-response", "1");
  headers.add("x-envoy-internal", "true");
  assert.deepEqual(takeControlHeaders(headers), {
    timeoutMs: 250,
    timeoutAltResponse: true,
    altStatName: "alt",
  });
  assert.deepEqual(headers.entries, ["user-agent", "a", "x-envoy-internal", "true"]);
  assert.equal(takeControlHeaders(headers), null);
});

void test("milliseconds are digits, and not too many", () => {
  assert.deepEqual(["0", "250", "999999999", "1000000000", "-1", "1.5", "", "1e3"].map(parseMs), [
    0,
    250,
    999_999_999,
    null,
    null,
    null,
    null,
    null,
  ]);
  assert.equal(parseMs(undefined), null);
});
