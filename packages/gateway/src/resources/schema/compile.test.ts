import assert from "node:assert/strict";
import { test } from "node:test";
import { formatPath } from "../problem.ts";
import { compileSchema } from "./compile.ts";
import { Report } from "./report.ts";
import type { Schema } from "./schema.ts";
import { allSchemas } from "./schemas.ts";

function findings(schema: Schema, value: unknown): string[] {
  const report = new Report();
  compileSchema(schema)(value, report);
  return report.findings.map(({ path, message }) => `${formatPath(path)}: ${message}`);
}

const string: Schema = { type: "string" };

test("what a value must be", () => {
  const cases: [Schema, unknown, string?][] = [
    [string, "a"],
    [string, 1, ": expected a string, got the number 1, which is a string in quotes only"],
    [string, null, ": expected a string, got null"],
    [{ type: "string", nullable: true }, null],
    [{ type: "string", minLength: 2 }, "a", ": expected at least 2 characters, got 1"],
    [{ type: "string", maxLength: 2 }, "äöü", ": expected at most 2 characters, got 3"],
    [{ type: "string", maxLength: 2 }, "😀😀"],
    [{ type: "string", pattern: "^a+$" }, "ab", ': expected a match of ^a+$, got "ab"'],
    [{ type: "string", pattern: "a" }, "bab"],
    [{ type: "string", format: "ipv4" }, "1.2.3", ': expected an IPv4 address, got "1.2.3"'],
    [{ type: "string", format: "ipv6" }, "::1"],
    [{ type: "string", format: "byte" }, "a", ': expected base64, got "a"'],
    [{ type: "string", format: "byte" }, "YQ=="],
    [{ type: "string", format: "date-time" }, "2026-01-31T12:00:00.5+01:00"],
    [
      { type: "string", format: "date-time" },
      "2026-02-31",
      ': expected a time such as "2026-01-31T12:00:00Z", got "2026-02-31"',
    ],
    [
      { type: "string", enum: ["Exact", "Prefix"] },
      "Exat",
      ': expected one of "Exact", "Prefix", got the string "Exat", did you mean "Exact"?',
    ],
    [{ type: "integer" }, 1.5, ": expected a whole number, got the number 1.5"],
    [{ type: "integer" }, "1", ': expected a whole number, got the string "1"'],
    [{ type: "integer", minimum: 1 }, 0, ": expected 1 or more, got 0"],
    [{ type: "integer", maximum: 9 }, 10, ": expected 9 or less, got 10"],
    [
      { type: "integer", format: "int32" },
      2 ** 31,
      ": expected 2147483647 or less, got 2147483648",
    ],
    [{ type: "number" }, 1.5],
    [{ type: "boolean" }, "true", ': expected true or false, got the string "true"'],
    [{ type: "array", items: string }, {}, ": expected a list, got an object"],
    [
      { type: "array", items: string },
      ["a", 1],
      "[1]: expected a string, got the number 1, which is a string in quotes only",
    ],
    [{ type: "array", minItems: 1 }, [], ": expected at least 1 items, got 0"],
    [{ type: "array", maxItems: 1 }, [1, 2], ": expected at most 1 items, got 2"],
    [
      { type: "array", items: string, "x-kubernetes-list-type": "set" },
      ["a", "b", "a"],
      '[2]: duplicate of item 0: the string "a"',
    ],
    [{ type: "object" }, [], ": expected an object, got a list"],
    [
      { type: "object", properties: { a: string }, required: ["a"] },
      {},
      "a: is required, but there is nothing",
    ],
    [{ type: "object", maxProperties: 1 }, { a: 1, b: 2 }, ": expected at most 1 entries, got 2"],
    [{ type: "object", minProperties: 1 }, {}, ": expected at least 1 entries, got 0"],
    [
      { type: "object", additionalProperties: string },
      { "a/b": 1 },
      '["a/b"]: expected a string, got the number 1, which is a string in quotes only',
    ],
    [{ "x-kubernetes-int-or-string": true }, "http"],
    [
      { "x-kubernetes-int-or-string": true },
      1.5,
      ": expected a whole number or a string, got the number 1.5",
    ],
  ];
  for (const [schema, value, expected] of cases)
    assert.deepEqual(
      findings(schema, value),
      expected === undefined ? [] : [expected],
      JSON.stringify([schema, value]),
    );
});

test("unknown fields are findings, unless the schema keeps them", () => {
  const schema: Schema = { type: "object", properties: { matches: string } };
  assert.deepEqual(findings(schema, { matchs: "a" }), [
    'matchs: unknown field, did you mean "matches"?',
  ]);
  const open: Schema = { ...schema, "x-kubernetes-preserve-unknown-fields": true };
  assert.deepEqual(findings(open, { matchs: "a" }), []);
});

test("defaults are filled in, each with a value of its own, and those within them too", () => {
  const schema: Schema = {
    type: "object",
    properties: {
      a: {
        type: "object",
        default: {},
        properties: { b: { type: "string", default: "x" }, c: string },
      },
      d: { type: "integer", default: 0 },
    },
  };
  const check = compileSchema(schema);
  const first: Record<string, unknown> = {};
  const second: Record<string, unknown> = { a: { c: "y" }, d: null };
  for (const value of [first, second]) check(value, new Report());
  assert.deepEqual(first, { a: { b: "x" }, d: 0 });
  assert.deepEqual(second, { a: { b: "x", c: "y" }, d: 0 });
  (first["a"] as Record<string, unknown>)["b"] = "changed";
  const third: Record<string, unknown> = {};
  check(third, new Report());
  assert.deepEqual(third, { a: { b: "x" }, d: 0 });
});

test("items of a list that is a map have keys of their own, after defaults", () => {
  const schema: Schema = {
    type: "array",
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["name", "port"],
    items: { type: "object", properties: { name: string, port: { type: "integer", default: 80 } } },
  };
  assert.deepEqual(findings(schema, [{ name: "a" }, { name: "a", port: 81 }]), []);
  assert.deepEqual(findings(schema, [{ name: "a" }, { name: "a", port: 80 }]), [
    '[1]: duplicate of item 0: name "a", port 80',
  ]);
});

test("conditions: allOf, anyOf, oneOf and not", () => {
  const a: Schema = { properties: { a: { enum: ["left"] } } };
  const b: Schema = { properties: { b: { enum: ["right"] } } };
  const fields = { a: string, b: string };
  const schema = (conditions: Schema): Schema => ({
    type: "object",
    properties: fields,
    ...conditions,
  });
  const neither = 'a: expected "left", got the string "0"';
  assert.deepEqual(findings(schema({ allOf: [a, b] }), { a: "0", b: "right" }), [neither]);
  assert.deepEqual(findings(schema({ anyOf: [a, b] }), { a: "0", b: "right" }), []);
  assert.deepEqual(findings(schema({ anyOf: [a, b] }), { a: "0", b: "0" }), [
    `: ${neither}; or b: expected "right", got the string "0"`,
  ]);
  assert.deepEqual(findings(schema({ oneOf: [a, b] }), { a: "left", b: "right" }), [
    ": matches 2 of 2 alternatives, expected one",
  ]);
  assert.deepEqual(findings({ type: "string", not: { enum: ["x"] } }, "x"), [
    ': must not be the string "x"',
  ]);
});

test("rules run on what is right otherwise, and name a field", () => {
  const schema: Schema = {
    type: "object",
    properties: { a: { type: "integer" } },
    "x-kubernetes-validations": [
      {
        rule: "self.a > 1",
        messageExpression: '"not more than " + self.b',
        message: "too small",
        fieldPath: ".a",
      },
      { rule: "self.a != oldSelf.a" },
    ],
  };
  assert.deepEqual(findings(schema, { a: 2 }), []);
  assert.deepEqual(findings(schema, { a: "1" }).length, 1);
  assert.deepEqual(findings(schema, {}), [
    "a: cannot evaluate the rule self.a > 1: no such key: a",
  ]);
});

test("fields that are null are dropped, items of lists are not", () => {
  const schema: Schema = {
    type: "object",
    required: ["a"],
    properties: { a: string, b: { ...string, nullable: true } },
    additionalProperties: string,
  };
  const value = { a: null, b: null, c: null };
  assert.deepEqual(findings(schema, value), ["a: is required, but there is nothing"]);
  assert.deepEqual(value, { b: null });
  assert.deepEqual(findings({ type: "array", items: string }, [null]), [
    "[0]: expected a string, got null",
  ]);
});

test("what is not implemented is refused by name", () => {
  const refuse =
    (schema: object): (() => void) =>
    () =>
      compileSchema(schema);
  assert.throws(refuse({ type: "string", uniqueItems: true }), /"uniqueItems" is not known/);
  assert.throws(refuse({ type: "string", format: "uuid" }), /format "uuid"/);
  assert.throws(refuse({ type: "integer", format: "int8" }), /format "int8"/);
});

test("every schema compiles", () => {
  let count = 0;
  for (const { schema } of allSchemas()) {
    compileSchema(schema);
    count++;
  }
  assert.ok(count >= 26, String(count));
});
