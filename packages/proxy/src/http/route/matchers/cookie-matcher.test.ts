import assert from "node:assert/strict";
import { test } from "node:test";
import { sampleHeaders } from "../../../observe/format/sample-context.ts";
import { buildCookieMatcher, cookie } from "./cookie-matcher.ts";

// Every row was seen on Envoy 1.40.
const SEEN: readonly (readonly [lines: readonly string[], value: string | null])[] = [
  [[], null],
  [["k=a"], "a"],
  [["x=1; k=a"], "a"],
  [["x=1;k=a"], "a"],
  [["x=1", "k=a"], "a"],
  [["k=b; k=a"], "b"],
  [["k=a", "k=b"], "a"],
  [['k="a"'], "a"],
  [["k"], null],
  [["k="], ""],
  [["K=a"], null],
  [[" k = a "], null],
  [["k=a=b"], "a=b"],
  [["k=a, x=1"], "a, x=1"],
  [["; k=a"], "a"],
  [["k=a ; b=1"], "a "],
];

void test("the first cookie of a name counts, over all lines", () => {
  for (const [lines, value] of SEEN) {
    const headers = sampleHeaders(...lines.flatMap((line) => ["cookie", line]));
    assert.equal(cookie(headers, "k"), value, JSON.stringify(lines));
  }
});

void test("an inverted matcher takes what is not there, too", () => {
  const string = { kind: "exact", value: "a", ignoreCase: false } as const;
  const plain = buildCookieMatcher({ name: "k", invert: false, string });
  const inverted = buildCookieMatcher({ name: "k", invert: true, string });
  for (const [line, matches] of [
    ["k=a", true],
    ["k=b", false],
    ["x=a", false],
  ] as const) {
    const headers = sampleHeaders("cookie", line);
    assert.equal(plain(headers), matches, line);
    assert.equal(inverted(headers), !matches, line);
  }
});
