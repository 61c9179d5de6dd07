import assert from "node:assert/strict";
import { test } from "node:test";
import { describeFlags, readFlags } from "./flags.ts";
import type { Flag } from "./flags.ts";

const FLAGS: readonly Flag[] = [
  { name: "config-path", short: "c", value: "FILE", help: "where" },
  { name: "quiet", help: "no output" },
  { name: "tag", value: "TAG", repeatable: true, help: "may be repeated" },
  { name: "socket", value: "PATH", help: "refused", refused: "hot restart" },
];

void test("reads values, short names, inline values, switches and repeated flags", () => {
  const given = readFlags(FLAGS, [
    "-c",
    "a.yaml",
    "--quiet",
    "--tag=a=b",
    "--tag",
    "--quiet",
    "--",
    "rest",
  ]);
  assert.deepEqual(
    [...given],
    [
      ["config-path", ["a.yaml"]],
      ["quiet", [""]],
      ["tag", ["a=b", "--quiet"]],
    ],
  );
});

void test("takes what is no flag for an operand, where there are operands", () => {
  const operands: string[] = [];
  readFlags(FLAGS, ["a", "--quiet", "-"], operands);
  assert.deepEqual(operands, ["a", "-"]);
  assert.throws(() => readFlags(FLAGS, ["-"]), { message: "unknown flag -" });
});

const REFUSED: readonly (readonly [args: readonly string[], message: string])[] = [
  [["-c"], "--config-path: expected a value (FILE)"],
  [["-c", "a", "--config-path", "b"], "--config-path: given more than once"],
  [["--quiet=yes"], '--quiet: expected no value, got "yes"'],
  [["a.yaml"], 'expected a flag, got "a.yaml"'],
  [["--config_path", "x"], "unknown flag --config_path, did you mean --config-path?"],
  [["--quit"], "unknown flag --quit, did you mean --quiet?"],
  [["--bogus"], "unknown flag --bogus"],
  [["--socket", "x"], "--socket: not implemented: hot restart"],
];

for (const [args, message] of REFUSED) {
  void test(`refuses ${args.join(" ")}`, () => {
    assert.throws(() => readFlags(FLAGS, args), { name: "UsageError", message });
  });
}

void test("describes every flag on a line of its own, aligned", () => {
  assert.equal(
    describeFlags(FLAGS.slice(0, 2)),
    "  -c, --config-path FILE  where\n      --quiet             no output",
  );
});
