import assert from "node:assert/strict";
import { test } from "node:test";
import { successorCommand } from "./spawn-successor.ts";

function flagsOf(...flags: string[]): readonly string[] | null {
  const argv = ["node", "/opt/main.ts", "proxy", ...flags];
  return successorCommand({ execPath: "/bin/node", execArgv: ["--trace-gc"], argv }, 3, 17);
}

const START = ["/bin/node", "--trace-gc", "/opt/main.ts", "proxy", "--restart-epoch", "3"];

void test("the successor has the same command line but for its epoch and base id", () => {
  assert.deepEqual(flagsOf("-c", "a.yaml", "-l", "off"), [
    ...START,
    "--base-id",
    "17",
    "-c",
    "a.yaml",
    "-l",
    "off",
  ]);
  assert.deepEqual(
    flagsOf(
      "--use-dynamic-base-id",
      "--restart-epoch",
      "2",
      "-c",
      "a",
      "--base-id=4",
      "--cpuset-threads",
    ),
    [...START, "--base-id", "17", "-c", "a", "--cpuset-threads"],
  );
});

void test("what stands behind the end of the flags stays", () => {
  assert.deepEqual(flagsOf("-c", "a", "--", "--base-id", "4"), [
    ...START,
    "--base-id",
    "17",
    "-c",
    "a",
    "--",
    "--base-id",
    "4",
  ]);
});

void test("another command has no successor", () => {
  const argv = ["node", "/opt/main.ts", "quickstart"];
  assert.equal(successorCommand({ execPath: "/bin/node", execArgv: [], argv }, 1, 0), null);
});
