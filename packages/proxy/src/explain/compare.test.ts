import assert from "node:assert/strict";
import { test } from "node:test";
import { compareExplanations, type Difference } from "./compare.ts";
import { bootstrapOf, explainerOf } from "./testing/explainer.ts";

function compare(before: string, after: string, path = "/"): Difference[] {
  const [old, now] = [before, after].map((routes) => {
    const yaml = bootstrapOf({
      routes: `virtual_hosts:\n- name: v\n  domains: ["*"]\n  routes:\n${routes}`,
      clusters: { a: 1, b: 2 },
    });
    return explainerOf(yaml).explain({ url: `http://h:8080${path}` });
  });
  return compareExplanations(old!, now!);
}

const TO_A = "  - { name: r, match: { prefix: / }, route: { cluster: a } }";

void test("routes that come in between are no difference as long as they take nothing", () => {
  const more = "  - { match: { path: /other }, direct_response: { status: 404 } }\n";
  assert.deepEqual(compare(TO_A, more + TO_A), []);
});

void test("tells of another cluster, path, host, header and timeout", () => {
  const after = `  - name: r
    match: { prefix: / }
    request_headers_to_add: [{ header: { key: x-new, value: "1" } }]
    route: { cluster: b, prefix_rewrite: /p/, host_rewrite_literal: up, timeout: 1s }`;
  const differences = new Map(
    compare(TO_A, after, "/x").map(({ what, ...change }) => [what, change] as const),
  );
  assert.deepEqual(differences.get("cluster"), { before: "a", after: "b" });
  assert.deepEqual(differences.get("path"), { before: "/x", after: "/p/x" });
  assert.deepEqual(differences.get("host"), { before: "h:8080", after: "up" });
  assert.deepEqual(differences.get("timeout_ms"), { before: "15000", after: "1000" });
  assert.deepEqual(differences.get("request header x-new"), { before: null, after: "1" });
  assert.equal(differences.has("status"), false);
});

void test("tells of another redirect and another answer", () => {
  const redirect = (path: string): string =>
    `  - { match: { prefix: / }, redirect: { path_redirect: ${path} } }`;
  assert.deepEqual(compare(redirect("/one"), redirect("/two")), [
    {
      what: "response header location",
      before: "http://h:8080/one",
      after: "http://h:8080/two",
    },
  ]);
  const answers = compare(redirect("/one"), TO_A).map(({ what }) => what);
  assert.ok(answers.includes("kind") && answers.includes("status") && answers.includes("cluster"));
});

void test("shares that move, come and go are told by the way that they go", () => {
  const weighted = (a: number, b: number): string =>
    `  - match: { prefix: / }
    route: { weighted_clusters: { clusters: [{ name: a, weight: ${a} }, { name: b, weight: ${b} }] } }`;
  assert.deepEqual(compare(weighted(3, 1), weighted(1, 1)), [
    { what: "goes to cluster a: share", before: "75 %", after: "50 %" },
    { what: "goes to cluster b: share", before: "25 %", after: "50 %" },
  ]);
  assert.deepEqual(compare(weighted(1, 1), weighted(1, 0)), [
    { what: "goes to cluster a: share", before: "50 %", after: "100 %" },
    { what: "goes to cluster b: share", before: "50 %", after: null },
  ]);
});
