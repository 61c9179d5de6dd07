import { SyntaxProblem, quote } from "../text-node.ts";
import type { ScalarNode } from "../text-node.ts";
import { doubleQuote, newline } from "./cursor.ts";
import type { Cursor } from "./cursor.ts";

const escapes: Readonly<Record<string, string>> = {
  "0": "\0",
  a: "\x07",
  b: "\b",
  t: "\t",
  "\t": "\t",
  n: "\n",
  v: "\v",
  f: "\f",
  r: "\r",
  e: "\x1b",
  " ": " ",
  '"': '"',
  "/": "/",
  "\\": "\\",
  N: "\x85",
  _: "\xa0",
  L: "\u2028",
  P: "\u2029",
};

const hexadecimalLengths: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/** Reads a scalar in single or double quotes at the position; its lines are folded. */
export function quotedScalar(cursor: Cursor): ScalarNode {
  const at = cursor.at;
  const delimiter = cursor.code;
  const isDouble = delimiter === doubleQuote;
  let value = "";
  let from = ++cursor.at;
  for (;;) {
    const code = cursor.code;
    if (Number.isNaN(code)) throw new SyntaxProblem(at, "quoted string without an end");
    if (code === delimiter) {
      value += cursor.text.slice(from, cursor.at++);
      if (isDouble || cursor.code !== delimiter) break;
      from = cursor.at++;
    } else if (code === newline) {
      value += trimEnd(cursor.text.slice(from, cursor.at)) + foldLines(cursor, at);
      from = cursor.at;
    } else if (isDouble && code === 0x5c) {
      value += cursor.text.slice(from, cursor.at) + escape(cursor, at);
      from = cursor.at;
    } else {
      cursor.at++;
    }
  }
  return { kind: "scalar", at, value, text: value, quoted: true };
}

/** Moves over line ends and the white space after them; one line end is a space, each more a newline. */
function foldLines(cursor: Cursor, start: number): string {
  let breaks = 0;
  while (cursor.code === newline) {
    breaks++;
    cursor.lineStart = ++cursor.at;
    if (cursor.atAnyMarker()) throw new SyntaxProblem(start, "quoted string without an end");
    cursor.skipSpaces();
  }
  return breaks === 1 ? " " : "\n".repeat(breaks - 1);
}

function escape(cursor: Cursor, start: number): string {
  const char = cursor.text[cursor.at + 1] ?? "";
  if (char === "\n") {
    // An escaped line end joins the lines without a space.
    cursor.at++;
    const folded = foldLines(cursor, start);
    return folded === " " ? "" : folded;
  }
  const length = Object.hasOwn(hexadecimalLengths, char) ? hexadecimalLengths[char] : undefined;
  if (length === undefined) {
    const plain = Object.hasOwn(escapes, char) ? escapes[char] : undefined;
    if (plain === undefined)
      throw new SyntaxProblem(cursor.at, `unknown escape ${quote(`\\${char}`)}`);
    cursor.at += 2;
    return plain;
  }
  const first = codePoint(cursor, length);
  if (first >= 0xd800 && first < 0xdc00 && cursor.text.startsWith("\\u", cursor.at)) {
    const second = codePoint(cursor, 4);
    if (second >= 0xdc00 && second < 0xe000) return String.fromCharCode(first, second);
  }
  if (first > 0x10ffff || (first >= 0xd800 && first < 0xe000)) {
    throw new SyntaxProblem(cursor.at, "escape of a character that does not exist");
  }
  return String.fromCodePoint(first);
}

function codePoint(cursor: Cursor, length: number): number {
  const digits = cursor.text.slice(cursor.at + 2, cursor.at + 2 + length);
  if (digits.length !== length || !/^[0-9a-fA-F]+$/.test(digits)) {
    throw new SyntaxProblem(
      cursor.at,
      `expected ${length} hexadecimal digits after ${cursor.text.slice(cursor.at, cursor.at + 2)}`,
    );
  }
  cursor.at += 2 + length;
  return Number.parseInt(digits, 16);
}

function trimEnd(text: string): string {
  return text.replace(/[ \t]+$/, "");
}
