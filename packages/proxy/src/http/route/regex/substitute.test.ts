import assert from "node:assert/strict";
import { test } from "node:test";
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
