import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { nativeSearch } from "./native.ts";
import { patterns, subjects } from "./patterns.test-support.ts";
import { buildSubstitute } from "./substitute.ts";

// Seen on Envoy 1.40: regex_rewrite of these paths.
const SEEN: readonly (readonly [
  pattern: string,
  substitution: string,
  path: string,
  result: string,
])[] = [
  ["^/x1/([^/]+)(/.*)$", "\\2/instance/\\1", "/x1/svc/v1/api", "/v1/api/instance/svc"],
  ["^/x1/([^/]+)(/.*)$", "\\2/instance/\\1", "/x1/svc", "/x1/svc"],
  ["one", "two", "/x2/one/y/one", "/x2/two/y/two"],
  ["(a)|(b)", "[\\0,\\1,\\2]", "/x4ab", "/x4[a,a,][b,,b]"],
  ["a", "\\1", "/x5a", "/x5a"],
  ["a", "z\\", "/x6a", "/x6z"],
  ["a", "\\q", "/x7a", "/x7"],
  ["a", "\\\\$1", "/x8a", "/x8\\$1"],
  ["^/x9", "", "/x9/b", "/b"],
  ["(a)|b", "<\\1>", "/xcab", "/xc<a><>"],
  ["$", "END", "/xd", "/xdEND"],
  ["\\b", "|", "/xe/ab", "/|xe|/|ab|"],
  ["^/", "//", "/xf", "//xf"],
];

void test("substitutes as Envoy does", () => {
  for (const [pattern, substitution, path, result] of SEEN) {
    assert.equal(buildSubstitute({ pattern, substitution })(path), result, pattern);
  }
});

void test("an empty match behind a match is none", () => {
  assert.equal(buildSubstitute({ pattern: "a*", substitution: "-" })("baac"), "-b-c-");
  assert.equal(buildSubstitute({ pattern: "a?", substitution: "-" })("baac"), "-b--c-");
});

void test("the native engine substitutes as RE2 does, captures included", () => {
  fc.assert(
    fc.property(patterns, fc.array(subjects, { minLength: 5, maxLength: 15 }), (pattern, texts) => {
      fc.pre(nativeSearch(pattern) !== null);
      const substitution =
        pattern.includes("(") && !pattern.startsWith("(?") ? "<\\0|\\1>" : "<\\0>";
      const native = buildSubstitute({ pattern, substitution });
      // The native parser does not know quotations, so this one goes to RE2.
      const re2 = buildSubstitute({ pattern: `\\Q\\E${pattern}`, substitution });
      for (const text of texts) assert.equal(native(text), re2(text), `${pattern} on ${text}`);
    }),
    { numRuns: 2000 },
  );
});
