import assert from "node:assert/strict";
import { test } from "node:test";
import type { ObjectMeta } from "../../resources/object.ts";
import { ageOf, bySeniority } from "./seniority.ts";

function dated(key: string, said: Omit<ObjectMeta, "name"> = {}) {
  const day = said.creationTimestamp?.slice(0, 10) ?? "";
  return { key, age: ageOf({ ...said, name: key }), day };
}

test("the older one first, by time, revision, arrival and name; without a time last", () => {
  const objects = [
    dated("a/b"),
    dated("a/a", { creationTimestamp: "2026-01-02T00:00:00Z" }),
    dated("b/a", { creationTimestamp: "2026-01-01T00:00:00Z" }),
    dated("a/z", { creationTimestamp: "2026-01-01T01:00:00+01:00" }),
    dated("a/a"),
    dated("a/c", { createRevision: 9 }),
    dated("c/a", { arrival: "2026-01-04T00:00:01Z" }),
    dated("c/b", { arrival: "2026-01-04T00:00:00Z" }),
    dated("a/d", { createRevision: 7 }),
    dated("b/b", { creationTimestamp: "2026-01-02T00:00:00Z", createRevision: 5 }),
    dated("b/c", { creationTimestamp: "2026-01-02T00:00:00Z", createRevision: 3 }),
  ];
  assert.deepEqual(
    objects.toSorted(bySeniority).map(({ key, day }) => `${key} ${day}`),
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
