import assert from "node:assert/strict";
import { test } from "node:test";
import { bySeniority } from "./seniority.ts";

test("the older one first, by time, revision, arrival and name; without a time last", () => {
  const objects = [
    { createdAt: "", key: "a/b" },
    { createdAt: "2026-01-02T00:00:00Z", key: "a/a" },
    { createdAt: "2026-01-01T00:00:00Z", key: "b/a" },
    { createdAt: "2026-01-01T01:00:00+01:00", key: "a/z" },
    { createdAt: "", key: "a/a" },
    { createdAt: "", createRevision: 9, key: "a/c" },
    { createdAt: "", arrival: "2026-01-04T00:00:01Z", key: "c/a" },
    { createdAt: "", arrival: "2026-01-04T00:00:00Z", key: "c/b" },
    { createdAt: "", createRevision: 7, key: "a/d" },
    { createdAt: "2026-01-02T00:00:00Z", createRevision: 5, key: "b/b" },
    { createdAt: "2026-01-02T00:00:00Z", createRevision: 3, key: "b/c" },
  ];
  assert.deepEqual(
    objects.toSorted(bySeniority).map(({ key, createdAt }) => `${key} ${createdAt.slice(0, 10)}`),
    [
      "a/z 2026-01-01",
      "b/a 2026-01-01",
      "b/c 2026-01-02",
      "b/b 2026-01-02",
      "a/a 2026-01-02",
      "a/d ",
      "a/c ",
      "a/a ",
      "a/b ",
      "c/b ",
      "c/a ",
    ],
  );
});
