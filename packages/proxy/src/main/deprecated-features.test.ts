import assert from "node:assert/strict";
import { test } from "node:test";
import type { Problem } from "@nuncio/api";
import { Runtime } from "../runtime/snapshot.ts";
import { judgeDeprecatedFeatures } from "./deprecated-features.ts";

const FIELD = "envoy.config.route.v3.HeaderMatcher.exact_match";

/** Severities with these booleans in the runtime, and how many features are in use. */
function judge(flags: Readonly<Record<string, boolean>>): unknown[] {
  const problem = (severity: Problem["severity"], message: string): Problem => ({
    severity,
    place: null,
    path: "",
    message,
  });
  const list = [
    problem("warning", `deprecated: ${FIELD}`),
    problem("warning", "deprecated value A of envoy.B.c"),
    problem("error", "deprecated and no longer allowed: envoy.D.e"),
    problem("error", "something else"),
    problem("warning", "and another thing"),
  ];
  const entries = Object.entries(flags).map(
    ([key, bool]) => [key, { raw: String(bool), bool }] as const,
  );
  const used = judgeDeprecatedFeatures(list, new Runtime(new Map(entries)));
  return [...list.map(({ severity }) => severity), used];
}

void test("the runtime says what deprecated features are taken", () => {
  const others = ["error", "warning"];
  assert.deepEqual(judge({}), ["warning", "warning", "error", ...others, 2]);
  const one = { [`envoy.deprecated_features:${FIELD}`]: false };
  assert.deepEqual(judge(one), ["error", "warning", "error", ...others, 1]);
  const old = { "envoy.deprecated_features:envoy.D.e": true };
  assert.deepEqual(judge(old), ["warning", "warning", "warning", ...others, 3]);
  const all = { "envoy.features.enable_all_deprecated_features": true };
  assert.deepEqual(judge(all), ["warning", "warning", "warning", ...others, 3]);
  assert.deepEqual(judge({ ...all, ...one }), ["error", "warning", "warning", ...others, 2]);
  const none = { "envoy.features.fail_on_any_deprecated_feature": true };
  assert.deepEqual(judge({ ...none, ...old }), ["error", "error", "error", ...others, 0]);
});
