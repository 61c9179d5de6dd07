import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import type { Filter } from "./objects.ts";
import { refusals } from "./refused-rules.ts";

const REDIRECT: Filter = { type: "RequestRedirect" };
const MIRROR: Filter = { type: "RequestMirror" };

function modifier(set: readonly string[], remove: readonly string[]): Filter {
  const named = set.map((name) => ({ name }));
  return { type: "RequestHeaderModifier", requestHeaderModifier: { set: named, remove } };
}

test("a rule is refused for two actions for one header, and for names that no header has", () => {
  deepEqual(refusals({ filters: [modifier(["x-one"], ["x-two"])] }), []);
  deepEqual(refusals({ filters: [modifier(["x-one"], ["X-One"])] }), ["UnsupportedValue"]);
  deepEqual(refusals({ filters: [modifier([], ["https://a.test"])] }), ["UnsupportedValue"]);
  const backendRefs = [{ name: "s1", filters: [modifier([], ["a b"])] }];
  deepEqual(refusals({ backendRefs }), ["UnsupportedValue"]);
});

test("a rule is refused for a redirect beside what is for requests that are sent on", () => {
  const backend = (...filters: Filter[]) => ({ name: "s1", filters });
  deepEqual(refusals({ filters: [REDIRECT] }), []);
  deepEqual(refusals({ filters: [REDIRECT, MIRROR] }), ["IncompatibleFilters"]);
  deepEqual(refusals({ filters: [MIRROR], backendRefs: [backend(REDIRECT)] }), [
    "IncompatibleFilters",
  ]);
  deepEqual(refusals({ backendRefs: [backend(REDIRECT, MIRROR)] }), ["IncompatibleFilters"]);
  deepEqual(refusals({ backendRefs: [backend(REDIRECT), backend(MIRROR)] }), []);
});
