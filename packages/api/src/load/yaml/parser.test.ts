import assert from "node:assert/strict";
import { test } from "node:test";
import { SourceText } from "../source-text.ts";
import type { LoadLimits, TextNode } from "../text-node.ts";
import { SyntaxProblem, defaultLoadLimits } from "../text-node.ts";
import { parseYaml } from "./parser.ts";

/** Maps as lists of pairs would be unreadable here: no test repeats a key. */
function plain(node: TextNode): unknown {
  if (node.kind === "scalar") return node.value;
  if (node.kind === "list") return node.items.map(plain);
  return Object.fromEntries(node.entries.map(({ key, value }) => [key, plain(value)]));
}

const read = (text: string, limits: LoadLimits = defaultLoadLimits): unknown =>
  plain(parseYaml(text, limits));

function failure(text: string, limits: LoadLimits = defaultLoadLimits): string {
  try {
    parseYaml(text, limits);
  } catch (error) {
    assert.ok(error instanceof SyntaxProblem, String(error));
    const { line, column } = new SourceText("", text).placeOf(error.at);
    return `${line}:${column} ${error.message}`;
  }
  return "no problem";
}

test("block mappings and sequences nest", () => {
  assert.deepEqual(read("a:\n  b: x\n  c:\n  - 1\n  -   d: z\n      e: w\n  -\n    - q\nf:\n"), {
    a: { b: "x", c: [1, { d: "z", e: "w" }, ["q"]] },
    f: null,
  });
  assert.deepEqual(read("- - a\n  - b\n- c: d\n-\n"), [["a", "b"], { c: "d" }, null]);
});

test("a list may stand as far left as its key", () => {
  assert.deepEqual(read("a:\n- 1\n- 2\nb: 3"), { a: [1, 2], b: 3 });
});

test("flow collections may hold line ends, comments and commas before the end", () => {
  assert.deepEqual(read('a: {b: [1, two words, "x", ], # c\n  c : "d", e, "f":g, h: {}}\n'), {
    a: { b: [1, "two words", "x"], c: "d", e: null, f: "g", h: {} },
  });
  assert.deepEqual(read("[a: b, c]"), [{ a: "b" }, "c"]);
  assert.deepEqual(read('{"@type": type.googleapis.com/a.B, x: http://h:80/p}'), {
    "@type": "type.googleapis.com/a.B",
    x: "http://h:80/p",
  });
});

test("plain scalars fold their lines and end at comments", () => {
  assert.deepEqual(read("a: one\n  two\n\n  three # c\nb: x#y"), { a: "one two\nthree", b: "x#y" });
  assert.deepEqual(read("a: b:c\nd: -x\ne: ?x\nf: :x"), { a: "b:c", d: "-x", e: "?x", f: ":x" });
});

test("quoted scalars keep types off, fold, and know escapes", () => {
  assert.deepEqual(
    read(
      `a: 'it''s'\nb: "1"\nc: "x\\ty\\x41\\u00e9\\U0001F600"\nd: "one\n  two\n\n  three"\ne: "one\\\n  two"`,
    ),
    {
      a: "it's",
      b: "1",
      c: "x\tyA\u00e9\u{1F600}",
      d: "one two\nthree",
      e: "onetwo",
    },
  );
  assert.deepEqual(read('a: "\\ud83d\\ude00"'), { a: "\u{1F600}" });
});

test("literal and folded scalars with indentation and chomping", () => {
  assert.deepEqual(
    read(
      "a: |\n  x\n   y\n\n  z\n\nb: |-\n  x\n\nc: |+\n  x\n\nd: >\n  a\n  b\n\n  c\n   d\n  e\n",
    ),
    {
      a: "x\n y\n\nz\n",
      b: "x",
      c: "x\n\n",
      d: "a b\nc\n d\ne\n",
    },
  );
  assert.deepEqual(read("a: |2\n    x\n  y\n"), { a: "  x\ny\n" });
  assert.deepEqual(read("- |\n a\n- b"), ["a\n", "b"]);
  assert.deepEqual(read("a: |\nb: 1"), { a: "", b: 1 });
});

test("anchors and aliases share nodes, also of keys and scalars", () => {
  assert.deepEqual(read("a: &x {k: v}\nb: *x\nc: &y 5\nd: [*y, *x]\n&z e: 1\nf: *z"), {
    a: { k: "v" },
    b: { k: "v" },
    c: 5,
    d: [5, { k: "v" }],
    e: 1,
    f: "e",
  });
  assert.deepEqual(read("a: &x\n  k: v\nb: *x"), { a: { k: "v" }, b: { k: "v" } });
});

test("entries tagged !ignore are left out, their anchors stay", () => {
  assert.deepEqual(read("!ignore base: &b\n  k: v\nuse: *b"), { use: { k: "v" } });
  assert.deepEqual(read("{!ignore a: &b 1, c: *b}"), { c: 1 });
});

test("only the tag ! changes a plain scalar", () => {
  assert.deepEqual(read("a: ! 5\nb: !!str 5\nc: !x yes"), { a: "5", b: 5, c: true });
});

test("directives, document marks and an empty text", () => {
  assert.deepEqual(read("%YAML 1.2\n--- # c\na: 1\n...\n"), { a: 1 });
  assert.equal(read(""), null);
  assert.equal(read("# nothing\n"), null);
});

test("positions are those of the values", () => {
  const text = "a:\n  - b: 'x'\n    c: [1, yes]\n";
  const root = parseYaml(text, defaultLoadLimits);
  const source = new SourceText("f", text);
  const seen: string[] = [];
  const visit = (node: TextNode): void => {
    const { line, column } = source.placeOf(node.at);
    seen.push(`${node.kind}@${line}:${column}`);
    if (node.kind === "list") node.items.forEach(visit);
    if (node.kind === "map") for (const { value } of node.entries) visit(value);
  };
  visit(root);
  assert.deepEqual(seen, [
    "map@1:1",
    "list@2:3",
    "map@2:5",
    "scalar@2:8",
    "list@3:8",
    "scalar@3:9",
    "scalar@3:12",
  ]);
});

test("syntax errors have a place and say what was expected", () => {
  const cases: Record<string, string> = {
    "a: {b: c": '1:4 "{" without its "}"',
    "a: [b\nc: d": '1:4 "[" without its "]"',
    "a: [b: c: d]": '1:9 expected "," or "]", got ":"',
    "a: 'x": "1:4 quoted string without an end",
    "a:\n\tb: c": "2:1 tab in the indentation, use spaces",
    "a: 1\n  b: 2":
      '2:4 expected the end of the value, got ":": quote the value, or check the indentation',
    "a:\n    b: 1\n  c: 2": "3:3 wrong indentation: expected column 1 or less, got column 3",
    "a: b: c": '1:4 a second "key: value" on one line, quote the value or start a new line',
    "a: - b": "1:4 a list must start on a line of its own",
    "a: 1\nfoo\n": '2:1 expected "key: value", got "foo" without a colon',
    "a: *x": '1:4 alias of "x", but there is no such anchor before it',
    "a: &x [*x]": '1:8 alias of "x", but there is no such anchor before it',
    "? a\n: b": '1:1 keys with "? " are not supported',
    "[a]: b": '1:4 expected the end of the line after a bracket, got ":"',
    "{[a]: b}": "1:2 keys that are lists or objects are not supported",
    "a: &x {b: 1}\nc:\n  <<: *x": '3:3 merge keys ("<<") are not supported, nor are they by Envoy',
    "a: 1\n---\nb: 2": "2:1 expected one document, got a second one",
    "%YAML 1.2\na: 1": '2:1 expected "---" after the directives, got "a"',
    'a: "\\q"': '1:5 unknown escape "\\\\q"',
    'a: "\\x4"': "1:5 expected 2 hexadecimal digits after \\x",
    'a: "x" y': '1:8 expected the end of the line after a quoted string, got "y"',
    "a: @b": '1:4 expected a value, got "@"',
    "a: &x &y b": "1:7 a second anchor of one value",
    "a: |\n      \n  x": "3:3 empty lines before must not be indented deeper than the first line",
  };
  for (const [text, expected] of Object.entries(cases))
    assert.equal(failure(text), expected, JSON.stringify(text));
});

test("nesting is bounded, through aliases too", () => {
  const limits: LoadLimits = { depthMax: 5, aliasNodesMax: 100 };
  assert.deepEqual(read("[[[[[1]]]]]", limits), [[[[[1]]]]]);
  assert.equal(failure("[[[[[[1]]]]]]", limits), "1:6 nested deeper than 5 levels");
  assert.equal(
    failure("a:\n b:\n  c:\n   d:\n    e:\n     f: 1", limits),
    "6:6 nested deeper than 5 levels",
  );
  assert.equal(
    failure("a: &a [[1]]\nb: &b [[*a]]\nc: [*b]", limits),
    "3:5 nested deeper than 5 levels",
  );
});

test("what aliases stand for is bounded", () => {
  const limits: LoadLimits = { depthMax: 100, aliasNodesMax: 30 };
  const bomb = "a: &a [1, 2, 3, 4]\nb: &b [*a, *a, *a]\nc: [*b, *b, *b]";
  assert.equal(failure(bomb, limits), "3:5 aliases stand for more than 30 values");
  assert.notEqual(read(bomb, { ...limits, aliasNodesMax: 66 }), null);
});

test("a long chain of aliases does not overflow the stack", () => {
  const links = Array.from(
    { length: 20_000 },
    (_, index) => `a${index + 1}: &a${index + 1} [*a${index}]`,
  );
  assert.match(failure(`a0: &a0 1\n${links.join("\n")}`), /nested deeper than 100 levels/);
});
