import assert from "node:assert/strict";
import { test } from "node:test";
import { MutationRules, type MutationRulesConfig } from "./mutation-rules.ts";

const NONE: MutationRulesConfig = {
  allowAllRouting: false,
  allowEnvoy: false,
  disallowSystem: false,
  disallowAll: false,
  allowExpression: null,
  disallowExpression: null,
  disallowIsError: false,
};
const NAMES = ["x-a", "host", ":authority", ":path", ":scheme", "x-envoy-a"];

function allowed(config: Partial<MutationRulesConfig>): string[] {
  const rules = new MutationRules({ ...NONE, ...config });
  return NAMES.filter((name) => rules.maySet(name, "https"));
}

void test("each rule allows and forbids its own", () => {
  assert.deepEqual(allowed({}), ["x-a", ":path"]);
  assert.deepEqual(allowed({ allowAllRouting: true }), NAMES.slice(0, 5));
  assert.deepEqual(allowed({ allowEnvoy: true }), ["x-a", ":path", "x-envoy-a"]);
  assert.deepEqual(allowed({ disallowSystem: true }), ["x-a"]);
  assert.deepEqual(allowed({ disallowAll: true, allowExpression: "x-.*" }), ["x-a", "x-envoy-a"]);
  assert.deepEqual(allowed({ allowExpression: "x-.*", disallowExpression: "x-a" }), [
    ":path",
    "x-envoy-a",
  ]);
});

void test("a host and a scheme have to be possible ones", () => {
  const rules = new MutationRules({ ...NONE, allowAllRouting: true });
  assert.deepEqual([rules.maySet("host", "a b"), rules.maySet(":authority", "a:1")], [false, true]);
  assert.deepEqual([rules.maySet(":scheme", "1"), rules.maySet(":scheme", "h2+x")], [false, true]);
});

void test("what makes a request one cannot be removed", () => {
  const rules = new MutationRules({ ...NONE, allowAllRouting: true, allowExpression: ".*" });
  assert.deepEqual(
    NAMES.filter((name) => rules.mayRemove(name)),
    ["x-a", "x-envoy-a"],
  );
});
