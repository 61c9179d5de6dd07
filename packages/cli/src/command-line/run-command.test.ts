import assert from "node:assert/strict";
import { test } from "node:test";
import { smallTable } from "../testing/small-table.ts";
import { namedCommand } from "./find-command.ts";
import { runCommand } from "./run-command.ts";

void test("runs the command that the words lead to, with its flags and operands", async () => {
  const ran: string[] = [];
  const code = await runCommand(smallTable(ran), ["look", "a", "--deep", "b", "-o", "yaml"]);
  assert.equal(code, 7);
  await runCommand(smallTable(ran), ["ctl", "one"]);
  assert.deepEqual(ran, ["look deep output a b", "one"]);
});

const REFUSED: readonly (readonly [args: string, message: string])[] = [
  ["lok", 'expected a command (look, ctl), got "lok"'],
  ["ctl", "ctl: expected one, got none"],
  ["ctl two", 'ctl: expected one, got "two"'],
  ["toString", 'expected a command (look, ctl), got "toString"'],
];

for (const [args, message] of REFUSED)
  void test(`refuses ${args}`, async () => {
    await assert.rejects(runCommand(smallTable(), args.split(" ")), {
      name: "UsageError",
      message,
    });
  });

void test("help of a command that is not there says what there is", () => {
  assert.throws(() => namedCommand(smallTable(), ["ctl", "one", "x"]), {
    message: 'expected nothing behind ctl one, got "x"',
  });
  assert.throws(() => namedCommand(smallTable(), ["ctl", "x"]), {
    message: 'ctl: expected one, got "x"',
  });
});
