import assert from "node:assert/strict";
import { test } from "node:test";
import { findCounterpart } from "../harness/counterparts.ts";
import { hasPrometheusParser, parsePrometheus, runPrometheus } from "./run-prometheus.ts";

const missing = hasPrometheusParser() ? null : "prometheus_client is not installed";
const skip = missing === null ? {} : { skip: missing };

test("the parser refuses what is no Prometheus text", skip, () => {
  assert.notEqual(parsePrometheus("a{b=1} x\n").code, 0);
  assert.match(
    parsePrometheus("# TYPE a gauge\na 1\n# TYPE b gauge\nb 1\n# TYPE a gauge\na 2\n").output,
    /stands twice/,
  );
  const falling =
    '# TYPE a histogram\na_bucket{le="1"} 5\na_bucket{le="+Inf"} 3\na_sum 1\na_count 3\n';
  assert.match(parsePrometheus(falling).output, /not cumulative/);
});

const missingEnvoy =
  missing ?? (findCounterpart("envoy") === null ? "envoy is not installed" : null);
test("envoy passes", missingEnvoy === null ? {} : { skip: missingEnvoy }, async () => {
  const results = await runPrometheus("envoy");
  assert.deepEqual(
    results.filter(({ outcome }) => outcome !== "passed"),
    [],
  );
});
