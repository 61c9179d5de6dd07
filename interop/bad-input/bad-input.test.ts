import assert from "node:assert/strict";
import { test } from "node:test";
import { judgeCut, judgeOneLine } from "./run-bad-input.ts";

test("only one clear line and code 1 passes", () => {
  assert.equal(judgeOneLine(1, "open a.yaml: no such file\n", /no such file/), null);
  assert.match(
    judgeOneLine(0, "open a.yaml: no such file\n", /no such file/) ?? "",
    /exit code 1, seen 0/,
  );
  assert.match(judgeOneLine(1, "Error: x\n    at y\n", /x/) ?? "", /one line, seen 2/);
  assert.match(judgeOneLine(1, "what?\n", /no such file/) ?? "", /expected a line like/);
  assert.match(judgeOneLine(1, "x".repeat(1000), /x/) ?? "", /at most/);
});

test("a cut file may be refused with a place, and not with a stack", () => {
  assert.equal(judgeCut(0, "", "a.yaml"), null);
  assert.equal(judgeCut(1, "a.yaml:3:1: no end", "a.yaml"), null);
  assert.match(judgeCut(1, "no end", "a.yaml") ?? "", /no place/);
  assert.match(judgeCut(1, "a.yaml:3:1\n    at parse (x.ts:1:1)", "a.yaml") ?? "", /a stack/);
  assert.match(judgeCut(-1, "", "a.yaml") ?? "", /seen -1/);
});
