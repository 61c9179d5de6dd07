import assert from "node:assert/strict";
import { test } from "node:test";
import { bootstrapOf, explainerOf } from "./testing/explainer.ts";

void test("shares and weights are those of the runtime", () => {
  const bootstrap = bootstrapOf({
    routes: `virtual_hosts:
- name: v
  domains: ["*"]
  routes:
  - name: some
    match: { prefix: /, runtime_fraction: { default_value: { numerator: 20 }, runtime_key: f } }
    route: { cluster: a }
  - name: others
    match: { prefix: / }
    route: { weighted_clusters: { runtime_key_prefix: w, clusters: [{ name: a, weight: 1 }, { name: b, weight: 3 }] } }`,
    clusters: { a: 1, b: 2 },
  });
  const shares = (values: string): unknown[] => {
    const runtime = `layered_runtime: { layers: [{ name: s, static_layer: { ${values} } }] }`;
    const { outcomes } = explainerOf(`${bootstrap}${runtime}\n`).explain({
      url: "http://h.com:8080/",
      headers: [],
    });
    return outcomes.map(({ probability, route, upstream }) => [
      probability,
      route?.name,
      upstream[0]?.cluster,
    ]);
  };
  assert.deepEqual(shares("f: 50, w.b: 0"), [
    [0.5, "some", "a"],
    [0.5, "others", "a"],
  ]);
  assert.deepEqual(shares("f: 0, w: { a: 0 }"), [[1, "others", "b"]]);
  assert.deepEqual(shares("f: 25, w: { a: 0, b: 0 }"), [
    [0.75, undefined, undefined],
    [0.25, "some", "a"],
  ]);
});
