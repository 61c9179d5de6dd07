import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeBase64, encodeBase64 } from "./strict-base64.ts";

void test("only what was encoded is decoded", () => {
  for (const text of ["a", "ab", "abc", "\xff\xfe\0"])
    assert.equal(decodeBase64(encodeBase64(text)), text);
  for (const text of ["", "YQ", "YQ=", "YR==", "YQ==YQ==", "Y Q=", "_-==", "YQ==\n"])
    assert.equal(decodeBase64(text), "", text);
});
