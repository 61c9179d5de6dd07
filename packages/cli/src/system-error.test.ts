import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { describeSystemError } from "./system-error.ts";

void test("says in one line what the system refused", () => {
  assert.equal(
    describeSystemError(thrownBy(() => readFileSync("/nowhere/at/all"))),
    "open /nowhere/at/all: no such file or directory",
  );
  assert.equal(
    describeSystemError(thrownBy(() => readFileSync("/"))),
    "read: is a directory, expected a file",
  );
});

void test("names the address of a port in use", async () => {
  const first = createServer();
  await new Promise<void>((resolve) => first.listen(0, "127.0.0.1", resolve));
  const { port } = first.address() as AddressInfo;
  const error = await new Promise((resolve) =>
    createServer().on("error", resolve).listen(port, "127.0.0.1"),
  );
  assert.equal(describeSystemError(error), `listen 127.0.0.1:${port}: address already in use`);
  await new Promise((resolve) => first.close(resolve));
});

void test("leaves errors of our own alone", () => {
  assert.equal(describeSystemError(new TypeError("x is not a function")), undefined);
  assert.equal(describeSystemError("text"), undefined);
});

function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return assert.fail("expected an error, got none");
}
