import assert from "node:assert/strict";
import { test } from "node:test";
import { HeaderMap } from "@nuncio/codec";
import { grpcTimeoutMs, setGrpcTimeout } from "./grpc-timeout.ts";

function read(text: string): number | null {
  const headers = new HeaderMap();
  headers.add("grpc-timeout", text);
  return grpcTimeoutMs(headers);
}

void test("units are converted to milliseconds, parts of one rounded up", () => {
  for (const [text, ms] of [
    ["2H", 7_200_000],
    ["3M", 180_000],
    ["4S", 4000],
    ["5m", 5],
    ["1001u", 2],
    ["3000u", 3],
    ["1n", 1],
    ["99999999n", 100],
    ["0S", 0],
    ["99999999H", 359_999_996_400_000],
  ] as const) {
    assert.equal(read(text), ms, text);
  }
});

void test("what is malformed counts as absent", () => {
  for (const text of ["", "5", "m", "-1S", "5x", "123456789m", "5mS", "1.5S"])
    assert.equal(read(text), null, text);
  assert.equal(grpcTimeoutMs(new HeaderMap()), null);
});

void test("the finest unit that has room is written", () => {
  for (const [ms, text] of [
    [0, "0m"],
    [99_999_999, "99999999m"],
    [100_000_000, "100000S"],
    [99_999_999_000, "99999999S"],
    [100_000_000_000, "1666666M"],
    [6_000_000_000_000, "1666666H"],
  ] as const) {
    const headers = new HeaderMap();
    headers.add("grpc-timeout", "1H");
    setGrpcTimeout(headers, ms);
    assert.deepEqual(headers.entries, ["grpc-timeout", text], String(ms));
  }
});
