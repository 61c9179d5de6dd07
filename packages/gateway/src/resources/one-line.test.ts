import assert from "node:assert/strict";
import { test } from "node:test";
import { oneLine } from "./one-line.ts";

test("no text writes a line of its own, or commands a terminal", () => {
  assert.equal(
    oneLine("a\nGateway x: \u001b[2J\u009b\u2028\t"),
    String.raw`a\u000aGateway x: \u001b[2J\u009b\u2028\u0009`,
  );
  assert.equal(oneLine("ä → ✓ plain"), "ä → ✓ plain");
});
