import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRedirectUrl } from "./redirect-url.ts";

function parts(location: string): readonly string[] | null {
  const url = parseRedirectUrl(location);
  return url === null ? null : [url.scheme, url.authority, url.path];
}

void test("an absolute URL is taken apart; user information and fragment are left out", () => {
  for (const [location, expected] of [
    ["http://a.test/x?y=z", ["http", "a.test", "/x?y=z"]],
    ["https://a.test", ["https", "a.test", "/"]],
    ["HTTP://A.test:80/x", ["HTTP", "A.test:80", "/x"]],
    ["http://[::1]:81/x#y?z", ["http", "[::1]:81", "/x"]],
    ["http://u:p@a.test/x", ["http", "a.test", "/x"]],
    ["http://a.test?x", ["http", "a.test", "?x"]],
    ["http://a.test#x", ["http", "a.test", "/"]],
  ] as const) {
    assert.deepEqual(parts(location), expected, location);
  }
});

void test("what is none is refused", () => {
  for (const location of [
    "",
    "/x",
    "//a.test/x",
    "a.test/x",
    "http:///x",
    "http://a.test/x y",
    "http://a.test/\r\nx: y",
    "http://a.test:65536/",
    "http://a.test:x/",
    "h:::x",
    "http://a@b@c/",
  ]) {
    assert.equal(parts(location), null, location);
  }
});
