import assert from "node:assert/strict";
import { test } from "node:test";
import { RE2JS } from "re2js";
import { compilePattern } from "./pattern.ts";
import type { Schema } from "./schema.ts";
import { allSchemas } from "./schemas.ts";

function* patternsOf(schema: Schema): Generator<string> {
  if (schema.pattern !== undefined) yield schema.pattern;
  for (const { rule } of schema["x-kubernetes-validations"] ?? [])
    for (const [, raw, plain] of rule.matchAll(/matches\((?:r"""(.*?)"""|'(.*?)')\)/g))
      yield raw ?? (plain ?? "").replaceAll("\\\\", "\\");
  for (const child of [...Object.values(schema.properties ?? {}), schema.items])
    if (child !== undefined) yield* patternsOf(child);
}

const patterns = new Set([...allSchemas()].flatMap(({ schema }) => [...patternsOf(schema)]));

const texts = [
  "",
  "a",
  "A",
  "a.b",
  "*.a.b",
  "a-",
  "-a",
  "a".repeat(80),
  `${"a".repeat(80)}\u0001`,
  `${"a-".repeat(60)}_`,
  `${"a.".repeat(60)}!`,
  "/a/%2f//",
  "/a%zz",
  "10s",
  "1h5m100ms",
  "1d",
  "http://a.b:80",
  "https://*",
  "*",
  "example.com/a/b",
  "spiffe://a/b?c#d",
  "x y",
  "x\ty",
  "x\ny",
  "é",
  "\u2028",
  "_Package.Service",
  ".a.b_1",
];

test("every pattern of the schemas means what RE2 means by it, in linear time", () => {
  assert.ok(patterns.size > 15, String(patterns.size));
  for (const pattern of patterns) {
    const ours = compilePattern(pattern);
    const exact = RE2JS.compile(pattern);
    for (const text of texts)
      assert.equal(ours(text), exact.test(text), `${pattern} on ${JSON.stringify(text)}`);
  }
});

test("syntax that JavaScript does not have is RE2's", () => {
  assert.equal(compilePattern("^(?i)abc$")("aBc"), true);
  assert.equal(compilePattern("a(?i)b")("aB"), true);
  assert.equal(compilePattern("^\\pL+$")("é"), true);
  assert.equal(compilePattern("^.$")("\u2028"), true);
});
