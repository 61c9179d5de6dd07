import assert from "node:assert/strict";
import { test } from "node:test";
import { requestHeaderKey } from "./request-header-key.ts";

void test("host is another name of :authority", () => {
  assert.deepEqual(["Host", "HOST", ":authority", "X-Host", "hosts"].map(requestHeaderKey), [
    ":authority",
    ":authority",
    ":authority",
    "x-host",
    "hosts",
  ]);
});
