import assert from "node:assert/strict";
import { test } from "node:test";
import { mergeSlashes, normalizePath, unescapeSlashes } from "./path.ts";

/** Seen on Envoy 1.40 with normalize_path and merge_slashes. */
const CASES: readonly (readonly [from: string, to: string])[] = [
  ["/echo/a/../b//c/./d%2Fe%2e%2e?x=//y", "/echo/b/c/d%2Fe..?x=//y"],
  ["/echo/%41", "/echo/A"],
  ["/echo\\a", "/echo/a"],
  ["//echo", "/echo"],
  ["/../../echo", "/echo"],
  ["/echo/..;/x", "/x"],
  ["/echo/.;a/x", "/echo/x"],
  ["/a/.;/..;/b", "/b"],
  ["/a/.%2e;x/b", "/a/..;x/b"],
  ["/a\\..;x/b", "/a/..;x/b"],
  ["/a/..;x\\b/c", "/c"],
  ["/a/..?/..", "/?/.."],
  ['/a"<>^`{|}b', "/a%22%3C%3E%5E%60%7B%7C%7Db"],
  ["/a%zz%4", "/a%zz%4"],
  // Only HTTP/2 lets these in.
  ["/\u00e9/\x7f?\u00e9", "/%E9/%7F?\u00e9"],
  ["/plain/path?q=%41", "/plain/path?q=%41"],
];

for (const [from, to] of CASES) {
  void test(`${from} becomes ${to}`, () => {
    const normal = normalizePath(from);
    assert.ok(normal !== null);
    assert.equal(mergeSlashes(normal), to);
  });
}

void test("an escaped NUL makes a path none", () => {
  assert.equal(normalizePath("/a%00b"), null);
});

void test("escaped slashes of both kinds are unescaped in the path, not in the query", () => {
  assert.equal(unescapeSlashes("/a%2Fb%2fc%5Cd%5ce?f=%2F"), "/a/b/c\\d\\e?f=%2F");
  assert.equal(unescapeSlashes("/a%25?f=%2F"), "/a%25?f=%2F");
});

void test("nothing but slashes is merged to two", () => {
  assert.deepEqual(["/", "//", "///?a//b"].map(mergeSlashes), ["/", "//", "//?a//b"]);
});
