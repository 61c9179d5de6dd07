import assert from "node:assert/strict";
import { test } from "node:test";
import { isReferer } from "./referer.ts";

void test("takes absolute and partial URIs", () => {
  const values = [
    "http://a.test/b?c",
    "https://a.test:443",
    "android-app://com.a",
    "http://[::1]:8/x",
    "http://a.test/<b>",
    "//a.test/x",
    "/x:y",
    "nonsense",
    "",
  ];
  for (const value of values) assert.equal(isReferer(value), true, value);
});

void test("takes no fragment, no user, no host that is none, no scheme alone", () => {
  const values = [
    "http://a.test/#f",
    "http://u:p@a.test/",
    "http://a_b/",
    "http://a.test:x/",
    "http://a.test:99999/",
    "http://[1:2:3]/",
    "about:blank",
    "a?b:c",
    "http://",
    "/a b",
    "/caf\xe9",
  ];
  for (const value of values) assert.equal(isReferer(value), false, value);
});
