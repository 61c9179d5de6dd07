import assert from "node:assert/strict";
import { test } from "node:test";
import { HeaderMap } from "@nuncio/codec";
import { invalidHeader } from "./strict-headers.ts";

const TIMEOUT = "x-envoy-upstream-rq-timeout-ms";
const RETRY_ON = "x-envoy-retry-on";
const RETRY_GRPC_ON = "x-envoy-retry-grpc-on";

function passes(name: string, value: string): boolean {
  const headers = new HeaderMap();
  headers.add(name, value);
  return invalidHeader([name], headers) === null;
}

void test("numbers are unsigned and have 64 bits", () => {
  for (const good of ["0", "+7", " 12 ", "18446744073709551615"])
    assert.equal(passes(TIMEOUT, good), true, good);
  for (const bad of ["", "-1", "1s", "1.5", "18446744073709551616", "0x10"])
    assert.equal(passes(TIMEOUT, bad), false, bad);
});

void test("lists hold known words, those of gRPC apart; empty parts are none", () => {
  assert.equal(passes(RETRY_ON, "5xx, reset,,retriable-4xx"), true);
  assert.equal(passes(RETRY_ON, ""), true);
  assert.equal(passes(RETRY_ON, "5xx,cancelled"), false);
  assert.equal(passes(RETRY_GRPC_ON, "cancelled,unavailable"), true);
  assert.equal(passes(RETRY_GRPC_ON, "5xx"), false);
});

void test("the first of the names is told, and only what is asked for is looked at", () => {
  const headers = new HeaderMap();
  headers.add(RETRY_ON, "x");
  headers.add(TIMEOUT, "x");
  assert.equal(invalidHeader([TIMEOUT, RETRY_ON], headers), TIMEOUT);
  assert.equal(invalidHeader([RETRY_GRPC_ON], headers), null);
});
