import assert from "node:assert/strict";
import { test } from "node:test";
import { parseJson } from "./json-parser.ts";
import { SyntaxProblem, defaultLoadLimits } from "./text-node.ts";
import type { LoadLimits } from "./text-node.ts";
import { plainJson } from "./well-known.ts";

const read = (text: string): unknown => plainJson(parseJson(text, defaultLoadLimits));

function failure(text: string, limits: LoadLimits = defaultLoadLimits): string {
  try {
    parseJson(text, limits);
  } catch (error) {
    assert.ok(error instanceof SyntaxProblem, String(error));
    return `${error.at} ${error.message}`;
  }
  return "no problem";
}

test("JSON is read as JSON.parse reads it", () => {
  const texts = [
    '{"a":[1,-2.5e3,true,false,null,"x\\n\\u00e9\\ud83d\\ude00"],"b":{"c":{}}, "d" : [] }',
    " [ ] ",
    '"x"',
    "0",
    "-0.5",
  ];
  for (const text of texts) assert.deepEqual(read(text), JSON.parse(text), text);
});

test("as lenient as Envoy: bare keys, single quotes, commas at the end", () => {
  assert.deepEqual(read(`{a: 'it"s', "b": [1,],}`), { a: 'it"s', b: [1] });
});

test("keys keep their place and may be __proto__", () => {
  const node = parseJson('{"__proto__": {"x": 1}}', defaultLoadLimits);
  const object = plainJson(node) as object;
  assert.deepEqual(Object.keys(object), ["__proto__"]);
  assert.equal("x" in object, false);
});

test("errors say where and what", () => {
  const cases: Record<string, string> = {
    "": "0 expected a value, got the end of the text",
    '{"a" 1}': '5 expected ":" after the key, got "1"',
    '{"a": 1 "b"}': '8 expected "," or "}", got "\\""',
    "[1, 2": '5 expected "," or "]", got the end of the text',
    "{1: 2}": '1 expected a key in quotes, got "1"',
    '"abc': "0 string without an end",
    "012": '1 expected a number without leading zeros, got "1"',
    nul: '0 expected a value, got "n"',
    "{} x": '3 expected the end of the text, got "x"',
    "// c\n{}": '0 expected a value, got "/"',
    '"\\q"': '1 unknown escape "\\\\q"',
    '"\\u12"': "1 expected four hexadecimal digits after \\u",
    '"\\ud800"': "1 surrogate without its second half",
    '"\\udc00"': "1 surrogate without its first half",
  };
  for (const [text, expected] of Object.entries(cases)) assert.equal(failure(text), expected, text);
});

test("nesting is bounded", () => {
  const limits = { ...defaultLoadLimits, depthMax: 3 };
  assert.equal(failure("[[[1]]]", limits), "no problem");
  assert.equal(failure("[[{a: [1]}]]", limits), "6 nested deeper than 3 levels");
  assert.equal(failure("[".repeat(100_000)), "100 nested deeper than 100 levels");
});
