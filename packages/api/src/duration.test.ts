import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { DurationSchema } from "@bufbuild/protobuf/wkt";
import { durationNanos, formatDuration } from "./duration.ts";

test("durations are nanoseconds, and text with 0, 3, 6 or 9 digits", () => {
  const cases: [bigint, number, string][] = [
    [5n, 0, "5s"],
    [0n, 0, "0s"],
    [0n, 250_000_000, "0.250s"],
    [1n, 1_000, "1.000001s"],
    [0n, 1, "0.000000001s"],
    [-1n, -500_000_000, "-1.500s"],
    [0n, -500_000_000, "-0.500s"],
  ];
  for (const [seconds, nanos, text] of cases) {
    assert.equal(formatDuration(durationNanos(create(DurationSchema, { seconds, nanos }))), text);
  }
});
