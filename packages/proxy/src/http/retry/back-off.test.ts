import assert from "node:assert/strict";
import { test } from "node:test";
import { HeaderMap } from "@nuncio/codec";
import { BackOff, jitteredAbove, resetIntervalMs } from "./back-off.ts";
import type { ResetHeaderConfig } from "./model.ts";

const NOW_MS = 1_000_500;

void test("the range of pauses doubles up to the longest, which is ten times the first by default", () => {
  const ranges = (backOff: BackOff): number[] =>
    Array.from({ length: 6 }, () => backOff.nextMs(0.9999) + 1);
  assert.deepEqual(ranges(new BackOff(25, undefined)), [25, 50, 100, 200, 250, 250]);
  assert.deepEqual(ranges(new BackOff(25, 60)), [25, 50, 60, 60, 60, 60]);
  assert.equal(new BackOff(25, undefined).nextMs(0), 0);
});

void test("a response asks for a pause in seconds, or until a point in time", () => {
  const ask = (format: ResetHeaderConfig["format"], value: string): number | null => {
    const headers = new HeaderMap();
    headers.add("x-reset", value);
    const config = { headers: [{ name: "x-reset", format }], maxIntervalMs: 60_000 };
    return resetIntervalMs(config, headers, NOW_MS);
  };
  const seconds = ["3", "0", "60", "61", "soon", "-1"].map((value) => ask("seconds", value));
  assert.deepEqual(seconds, [3000, 0, 60_000, null, null, null]);
  const points = ["1003", "1000", "999", "1061"].map((value) => ask("unix_timestamp", value));
  assert.deepEqual(points, [3000, 0, null, null]);
});

void test("the first header counts that says something that is not too long", () => {
  const headers = new HeaderMap();
  headers.add("a", "100");
  headers.add("b", "2");
  const config = {
    headers: ["none", "a", "b"].map((name) => ({ name, format: "seconds" as const })),
    maxIntervalMs: 60_000,
  };
  assert.equal(resetIntervalMs(config, headers, NOW_MS), 2000);
  assert.equal(resetIntervalMs(config, new HeaderMap(), NOW_MS), null);
});

void test("up to half as long again is added", () => {
  assert.deepEqual([jitteredAbove(1000, 0), jitteredAbove(1000, 0.999)], [1000, 1499]);
});
