import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { RE2JS } from "re2js";
import { literalPrefix } from "./literal-prefix.ts";
import { patterns, subjects } from "./patterns.test-support.ts";

void test("the literal prefix is what stands before the first byte that may differ", () => {
  for (const [pattern, prefix] of Object.entries({
    "/api/v[0-9]+/x": "/api/v",
    "^/a\\.b(/.*)?$": "/a.b",
    "/ab?": "/a",
    "/ab{0,2}": "/a",
    "/ab+": "/ab",
    "/a\\d": "/a",
    "/a\\*?": "/a",
    "(?i)/ab": "",
    "/a|/b": "",
    "/x(a|b)": "",
    "": "",
  })) {
    assert.equal(literalPrefix(pattern), prefix, pattern);
  }
});

void test("every whole match begins with the literal prefix", () => {
  fc.assert(
    fc.property(patterns, fc.array(subjects, { minLength: 5, maxLength: 20 }), (pattern, texts) => {
      const prefix = literalPrefix(pattern);
      const re2 = RE2JS.compile(pattern);
      for (const text of texts) {
        if (re2.testExact(text)) assert.ok(text.startsWith(prefix), `${pattern} on ${text}`);
      }
    }),
    { numRuns: 2000 },
  );
});
