import assert from "node:assert/strict";
import { test } from "node:test";
import { formatProblem } from "./format-problem.ts";

const place = { file: "envoy.yaml", line: 23, column: 17 };

test("a problem is one line with what is known of its place", () => {
  const message = 'unknown field "prefx", did you mean "prefix"?';
  assert.equal(
    formatProblem({ severity: "error", place, path: "a[0]", message }),
    `envoy.yaml:23:17 a[0]: ${message}`,
  );
  assert.equal(
    formatProblem({ severity: "error", place, path: "", message }),
    `envoy.yaml:23:17: ${message}`,
  );
  assert.equal(
    formatProblem({ severity: "error", place: null, path: "a[0]", message }),
    `a[0]: ${message}`,
  );
  assert.equal(
    formatProblem({ severity: "warning", place: null, path: "", message }),
    `warning: ${message}`,
  );
});
