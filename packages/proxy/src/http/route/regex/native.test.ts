import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { RE2JS } from "re2js";
import { nativeFullMatch, nativeSearch } from "./native.ts";
import { patterns, subjects } from "./patterns.test-support.ts";

void test("patterns that are deterministic, or end in a loop and a short tail, are matched natively", () => {
  for (const pattern of [
    "/a/.*",
    "/user/[^/]+/posts",
    ".*\\.(png|jpg|html)",
    "/v[0-9]+/.*",
    "(/[a-z]+)+",
    "(a|ab)",
    "/(foo|bar)/[0-9]{1,3}",
    "^/x(/.*)?$",
    "/api/(v1|v2)/(.*)",
    "/[a-z]{1,63}",
    "(?i)/ABC.*",
    "/\\w+\\.\\d+",
    "[]a]b[^]x-z-]",
    "\\x2f\\x{61}\\t\\C",
  ]) {
    assert.notEqual(nativeFullMatch(pattern), null, pattern);
  }
});

void test("patterns that could take more than linear time, or mean something else, are left to RE2", () => {
  for (const pattern of [
    "(a+)+",
    "(a*)*",
    "a*a*",
    ".*a.*",
    "/a/.*/b/.*",
    "(a|a)*",
    "(a?){30}",
    "((a|ab)(c|bcd))*",
    "(a|b|ab)*c",
    "\\bfoo",
    "a|^b",
    "(?m)a$",
    "\\pL+",
    "\\Qa.b\\E",
    "[[:alpha:]]",
    "a{,3}",
    "(?i)\xe9",
  ]) {
    assert.equal(nativeFullMatch(pattern), null, pattern);
  }
});

void test("a search is native with an anchor in front or without loops", () => {
  assert.notEqual(nativeSearch("^/service/([^/]+)(/.*)$"), null);
  assert.notEqual(nativeSearch("one|two"), null);
  assert.equal(nativeSearch("[a-z]+"), null);
  assert.equal(
    nativeSearch("^(?:(a)|b)*"),
    null,
    "a native expression forgets the group in the second round",
  );
});

void test("a full match is what RE2 gives, for any pattern and any bytes", () => {
  fc.assert(
    fc.property(patterns, fc.array(subjects, { minLength: 5, maxLength: 20 }), (pattern, texts) => {
      const native = nativeFullMatch(pattern);
      fc.pre(native !== null);
      const re2 = RE2JS.compile(pattern);
      for (const text of texts)
        assert.equal(native.test(text), re2.testExact(text), `${pattern} on ${text}`);
    }),
    { numRuns: 2000 },
  );
});

void test("a native match of a long subject that nearly matches comes back", () => {
  fc.assert(
    fc.property(
      patterns,
      fc.string({ unit: fc.constantFrom("a", "b", "/"), minLength: 1, maxLength: 4 }),
      (p, s) => {
        const native = nativeFullMatch(p);
        fc.pre(native !== null);
        // Quadratic time would be 10^10 steps here, exponential time would not end.
        assert.equal(typeof native.test(`${s.repeat(100_000 / s.length)}!`), "boolean");
      },
    ),
    { numRuns: 300 },
  );
});
