import assert from "node:assert/strict";
import { test } from "node:test";
import { durationMs } from "./duration.ts";

test("durations of Gateway API", () => {
  for (const [text, expected] of [
    ["0s", 0],
    ["1h", 3_600_000],
    ["1m30s", 90_000],
    ["10ms", 10],
    ["1h2m3s4ms", 3_723_004],
    ["99999h", 359_996_400_000],
    ["1.5s", undefined],
    ["100000s", undefined],
    ["10", undefined],
    ["", undefined],
    ["-1s", undefined],
    ["1h1m1s1ms1s", undefined],
  ] as const) {
    assert.equal(durationMs(text), expected, text);
  }
});
