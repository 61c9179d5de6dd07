import assert from "node:assert/strict";
import { test } from "node:test";
import { nativeFullMatch, nativeSearch } from "./native.ts";

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
