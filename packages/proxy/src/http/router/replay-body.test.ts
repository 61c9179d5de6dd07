import assert from "node:assert/strict";
import { test } from "node:test";
import { ReplayBody } from "./replay-body.ts";

void test("what is borrowed is copied, up to the limit", () => {
  const body = new ReplayBody(5);
  const data = Buffer.from("abc");
  assert.equal(String(body.data), "null");
  assert.equal(body.add(data), true);
  data.fill("x");
  assert.equal(body.add(Buffer.from("de")), true);
  assert.equal(String(body.data), "abcde");
  assert.equal(body.overflowed, false);
  assert.equal(body.add(Buffer.from("f")), false);
  assert.equal(body.overflowed, true);
});
