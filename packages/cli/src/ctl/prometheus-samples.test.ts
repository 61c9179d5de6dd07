import assert from "node:assert/strict";
import { test } from "node:test";
import { prometheusSamples } from "./prometheus-samples.ts";

void test("reads names, labels with escapes, values, and whose type is whose", () => {
  const text = [
    "# HELP rq Requests.",
    "# TYPE rq counter",
    'rq{path="a\\\\b\\"c\\nd",other=""} 12 1700000000000',
    "# TYPE took histogram",
    'took_bucket{le="+Inf"} 3',
    "took_sum 1.5e3",
    "took_count 3",
    "stray NaN",
    "no sample at all here",
    "",
  ].join("\n");
  assert.deepEqual(prometheusSamples(text), [
    { name: "rq", type: "counter", labels: { path: 'a\\b"c\nd', other: "" }, value: 12 },
    { name: "took_bucket", type: "histogram", labels: { le: "+Inf" }, value: 3 },
    { name: "took_sum", type: "histogram", labels: {}, value: 1500 },
    { name: "took_count", type: "histogram", labels: {}, value: 3 },
    { name: "stray", type: "untyped", labels: {}, value: NaN },
  ]);
});
