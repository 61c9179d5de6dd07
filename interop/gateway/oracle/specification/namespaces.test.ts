import { equal } from "node:assert/strict";
import { test } from "node:test";
import { takesNamespace } from "./namespaces.ts";

function takes(operator: string, ...values: string[]): boolean {
  const selector = { matchExpressions: [{ key: "team", operator, values }] };
  const place = { namespace: "b", labels: { team: "one" } };
  return takesNamespace({ from: "Selector", selector }, "a", place);
}

test("a selector that is wrong takes nobody", () => {
  equal(takes("NotIn", "two"), true);
  equal(takes("NotIn", "one"), false);
  equal(takes("NotIn", "*.example.com"), false);
  equal(takes("NotIn"), false);
  equal(takes("HTTP", "two"), false);
  const place = { namespace: "b", labels: { team: "one" } };
  equal(takesNamespace({ from: "Selector" }, "a", place), false);
  equal(takesNamespace({ from: "Selector", selector: {} }, "a", place), true);
  const matchLabels = { "a b": "one" };
  equal(takesNamespace({ from: "Selector", selector: { matchLabels } }, "a", place), false);
});
