import assert from "node:assert/strict";
import { test } from "node:test";
import { isAlias, isMap, isScalar, isSeq, parseDocument } from "yaml";
import type { Document, Node } from "yaml";
import { seededRandom } from "../seeded-random.test-support.ts";
import type { TextNode } from "../text-node.ts";
import { SyntaxProblem, defaultLoadLimits } from "../text-node.ts";
import { parseYaml } from "./parser.ts";

// Pieces that meet each other in all orders; together they reach every style of YAML.
const pieces = [
  "a",
  "b c",
  "- ",
  "-",
  "\n",
  "\n",
  "\n  ",
  "\n  ",
  "\n    ",
  "\n ",
  ": ",
  ":",
  ": ",
  " # c\n",
  "#x",
  "'q'",
  '"d"',
  "'q\n  r'",
  '"x\\\n y"',
  "[",
  "]",
  "{",
  "}",
  ", ",
  ",",
  "&a ",
  "*a",
  "|\n",
  "|-\n  ",
  ">\n  t\n\n  u\n",
  "> \n",
  "!ignore ",
  "\n\n",
  " ",
  "x: y",
  "- z",
  "\n- ",
  "\nk: ",
  "\n  k: ",
  "\n  - ",
  "1",
  "~",
  "'it''s'",
  "...",
  "?",
  "%",
  "@",
  "foo:bar",
  "http://x",
  "\n  k: |+\n    l\n\n",
  "\n- - ",
  "&b\n",
  "\t",
];

type Plain = string | Plain[] | { readonly entries: readonly (readonly [string, Plain])[] };

function ours(node: TextNode): Plain {
  if (node.kind === "scalar") return node.text;
  if (node.kind === "list") return node.items.map(ours);
  return { entries: node.entries.map(({ key, value }) => [key, ours(value)] as const) };
}

class NotComparable extends Error {}

function theirs(node: unknown, document: Document): Plain {
  if (node === null || node === undefined) return "";
  if (isAlias(node)) return theirs(node.resolve(document), document);
  if (isScalar(node)) return typeof node.value === "string" ? node.value : "";
  if (isSeq(node)) return node.items.map((item) => theirs(item, document));
  if (!isMap(node)) throw new NotComparable("unexpected node");
  const entries = node.items
    .filter(({ key }) => (key as Node | null)?.tag !== "!ignore")
    .map(({ key, value }) => [keyText(key, document), theirs(value, document)] as const);
  return { entries };
}

function keyText(key: unknown, document: Document): string {
  const text = theirs(key, document);
  if (typeof text !== "string") throw new NotComparable("key that is not a scalar");
  return text;
}

/** What the yaml package makes of a text, or undefined where it refuses it. */
function reference(text: string): Plain | undefined {
  const document = parseDocument(text, {
    schema: "failsafe",
    uniqueKeys: false,
    logLevel: "silent",
    prettyErrors: false,
  });
  if (document.errors.length > 0) return undefined;
  try {
    return theirs(document.contents, document);
  } catch (error) {
    if (error instanceof NotComparable) return undefined;
    throw error;
  }
}

test("random texts are read as the yaml package reads them, or refused", () => {
  const random = seededRandom(20261120);
  let compared = 0;
  for (let round = 0; round < 20_000; round++) {
    const text = Array.from({ length: 1 + random(14) }, () => pieces[random(pieces.length)]).join(
      "",
    );
    let node: TextNode;
    try {
      node = parseYaml(text, defaultLoadLimits);
    } catch (error) {
      assert.ok(error instanceof SyntaxProblem, `${JSON.stringify(text)}: ${String(error)}`);
      assert.ok(error.at >= 0 && error.at <= text.length, JSON.stringify(text));
      continue;
    }
    const expected = reference(text);
    if (expected === undefined) continue;
    compared++;
    assert.deepEqual(ours(node), expected, JSON.stringify(text));
  }
  assert.ok(compared > 2000, `only ${compared} texts were compared`);
});
