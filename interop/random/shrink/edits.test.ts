import assert from "node:assert/strict";
import { test } from "node:test";
import type { DiffCase } from "../../diff/case.ts";
import { applyEdits, compatible, editsOf } from "./edits.ts";

const CASE: DiffCase = {
  name: "x",
  hcm: {
    via: "v",
    tracing: null,
    route_config: { virtual_hosts: [{ domains: ["a.test", "b", "c"] }] },
  },
  steps: [
    { request: "GET /abc", headers: ["X-A: long"] },
    { request: "GET /2" },
    { request: "GET /3" },
  ],
};

test("several edits apply to the case as it was", () => {
  const edited = applyEdits(CASE, [
    { path: ["steps", 0] },
    { path: ["steps", 2] },
    { path: ["hcm", "via"] },
    { path: ["hcm", "route_config", "virtual_hosts", 0, "domains", 0], text: "a" },
    { path: ["hcm", "no", "such", "place"] },
  ]);
  assert.deepEqual(edited, {
    name: "x",
    hcm: { tracing: null, route_config: { virtual_hosts: [{ domains: ["a", "b", "c"] }] } },
    steps: [{ request: "GET /2" }],
  });
  assert.equal(CASE.steps.length, 3);
});

test("every edit makes the case smaller, and leaves a case", () => {
  const edits = editsOf(CASE);
  for (const edit of edits) {
    const edited = applyEdits(CASE, edit);
    assert.ok(JSON.stringify(edited).length < JSON.stringify(CASE).length);
    assert.equal(edited.name, "x");
    assert.equal(edited.hcm?.["tracing"], null);
    for (const { request } of edited.steps) assert.match(request!, /^GET \//);
    for (const line of edited.steps[0]?.headers ?? []) assert.match(line, /^X-A:/);
  }
  assert.deepEqual(
    edits.slice(0, 3).map((edit) => applyEdits(CASE, edit).steps.length),
    [1, 1, 1],
  );
});

test("edits that exclude each other are not tried together", () => {
  const first = [{ path: ["steps", 0] }, { path: ["steps", 1] }];
  const second = [{ path: ["steps", 1] }, { path: ["steps", 2] }];
  const one = [{ path: ["hcm", "via"] }];
  const another = [{ path: ["hcm", "route_config"] }];
  const text = [{ path: ["steps", 0, "request"], text: "GET /" }];
  const shorter = [{ path: ["steps", 0, "request"], text: "GET /a" }];
  assert.deepEqual(compatible([first, second, one, another, text, shorter]), [
    first,
    one,
    another,
    text,
  ]);
});
