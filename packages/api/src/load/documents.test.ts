import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDocuments } from "./documents.ts";
import { SyntaxProblem, defaultLoadLimits } from "./text-node.ts";
import { plainJson } from "./well-known.ts";

function read(text: string, format: "yaml" | "json" = "yaml"): unknown[] {
  return [...parseDocuments(text, format, defaultLoadLimits)].map(({ start, content }) =>
    content instanceof SyntaxProblem
      ? `${start + content.at} ${content.message}`
      : [start, plainJson(content)],
  );
}

test("documents stand between markers", () => {
  assert.deepEqual(read("a: 1\n---\nb: 2\n--- # c\nc: 3\n"), [
    [0, { a: 1 }],
    [5, { b: 2 }],
    [14, { c: 3 }],
  ]);
});

test("content on the line of a marker, directives and ends of documents", () => {
  assert.deepEqual(read("%YAML 1.1\n--- {a: 1}\n...\n---\nb: 2"), [
    [10, { a: 1 }],
    [25, { b: 2 }],
  ]);
});

test("what is empty is left out", () => {
  assert.deepEqual(read("---\n# nothing\n---\n\n---\na: 1\n---\n...\n---"), [[19, { a: 1 }]]);
  assert.deepEqual(read(""), []);
});

test("dashes that are no marker stay in their document", () => {
  const text = 'a: |\n  ---\n  b\n---x: "c"\n';
  assert.deepEqual(read(text), [[0, { a: "---\nb\n", "---x": "c" }]]);
});

test("a broken document does not touch its neighbours, and says where it breaks", () => {
  const [first, second, third] = read("a: 1\n---\nb: [\n---\nc: 3");
  assert.deepEqual(first, [0, { a: 1 }]);
  assert.match(String(second), /^12 .* without its/);
  assert.deepEqual(third, [14, { c: 3 }]);
});

test("JSON is one document", () => {
  assert.deepEqual(read('{"a": 1}', "json"), [[0, { a: 1 }]]);
});

test("merge keys: what a mapping has itself counts, then the first one that is merged", () => {
  const base = "a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\n";
  const expected = { a: { x: 1, y: 1 }, b: { y: 2, z: 2 }, c: { x: 0, y: 1, z: 2 } };
  assert.deepEqual(read(`${base}c:\n  x: 0\n  <<: [*a, *b]\n`), [[0, expected]]);
  assert.deepEqual(read(`${base}c:\n  <<: *a\n  <<: *b\n  x: 0\n`), [[0, expected]]);
  assert.deepEqual(read(`${base}c: {<<: [*a, *b], x: 0}\n`), [[0, expected]]);
  assert.deepEqual(read("a: {\"<<\": 1}\n'<<': 2"), [[0, { a: { "<<": 1 }, "<<": 2 }]]);
  assert.deepEqual(read("a:\n  <<: 1\n"), [
    '9 expected an object, or a list of objects, after "<<"',
  ]);
});
