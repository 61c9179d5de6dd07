import assert from "node:assert/strict";
import { test } from "node:test";
import { plainScalar } from "./plain-scalar.ts";

const value = (text: string): unknown => plainScalar(text, 0).value;

test("booleans are those of YAML 1.1, in three spellings", () => {
  for (const text of ["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"])
    assert.equal(value(text), true, text);
  for (const text of ["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"])
    assert.equal(value(text), false, text);
  for (const text of ["yEs", "tRUE", "oN", "yess", "ye"]) assert.equal(value(text), text);
});

test("nulls", () => {
  for (const text of ["", "~", "null", "Null", "NULL"]) assert.equal(value(text), null, text);
  assert.equal(value("nULL"), "nULL");
});

test("integers are decimal, octal with a leading zero, or hexadecimal", () => {
  const expected: Record<string, number> = {
    "0": 0,
    "12": 12,
    "-12": -12,
    "+12": 12,
    "010": 8,
    "-010": -8,
    "0x1F": 31,
    "0X1f": 31,
    "2147483647": 2147483647,
    "-2147483648": -2147483648,
  };
  for (const [text, number] of Object.entries(expected)) assert.equal(value(text), number, text);
});

test("integers beyond 32 bits are decimal strings", () => {
  assert.equal(value("2147483648"), "2147483648");
  assert.equal(value("0x80000000"), "2147483648");
  assert.equal(value("-9223372036854775808"), "-9223372036854775808");
  assert.equal(value("9223372036854775808"), "9223372036854775808");
  assert.equal(
    value("0x8000000000000000"),
    "0x8000000000000000",
    "beyond 64 bits it is just a string",
  );
});

test("fractions, and what only looks like a number, are strings", () => {
  for (const text of [
    "1.5",
    "1e3",
    "09",
    "0o17",
    "1_000",
    "1:30",
    "5s",
    "-",
    "+",
    "0x",
    "10.0.0.1",
    ".5",
    "-5s",
  ])
    assert.equal(value(text), text);
});
