import assert from "node:assert/strict";
import { test } from "node:test";
import { literalPrefix } from "./literal-prefix.ts";

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
