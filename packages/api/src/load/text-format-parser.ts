import type { ListNode, LoadLimits, MapEntry, MapNode, ScalarNode, TextNode } from "./text-node.ts";
import { SyntaxProblem, quote } from "./text-node.ts";

const identifier = /[A-Za-z_][A-Za-z0-9_]*/y;
const typeUrl = /\[\s*([A-Za-z0-9_.\-~/%]+)\s*\]/y;
const number = /-?\s*(?:0[xX][0-9a-fA-F]+|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)[fF]?/y;
const escapes: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  "?": 63,
  "\\": 92,
  "'": 39,
  '"': 34,
};

/**
 * Parses a message in protobuf's text format into nodes (protobuf.dev/reference/protobuf/textformat-spec). A field that
 * stands there several times becomes one list. An Any in its expanded form gets the entry `@type`.
 * @throws SyntaxProblem
 */
export function parseTextFormat(text: string, limits: LoadLimits): MapNode {
  return new TextFormatParser(text, limits.depthMax).document();
}

class TextFormatParser {
  readonly #text: string;
  readonly #depthMax: number;
  #at = 0;
  #depth = 0;

  constructor(text: string, depthMax: number) {
    this.#text = text;
    this.#depthMax = depthMax;
  }

  document(): MapNode {
    return this.#fields(0, "");
  }

  /** The fields up to a closing bracket, or to the end of the text. */
  #fields(at: number, close: string): MapNode {
    if (++this.#depth > this.#depthMax)
      throw new SyntaxProblem(at, `nested deeper than ${this.#depthMax} levels`);
    const entries: MapEntry[] = [];
    for (;;) {
      this.#space();
      if (this.#at >= this.#text.length) {
        if (close === "") break;
        throw new SyntaxProblem(at, `"${this.#text[at]}" without its "${close}"`);
      }
      if (close !== "" && this.#take(close)) break;
      entries.push(...this.#field());
      this.#space();
      if (!this.#take(",")) this.#take(";");
    }
    this.#depth--;
    return { kind: "map", at, entries: gathered(entries) };
  }

  #field(): MapEntry[] {
    const keyAt = this.#at;
    const url = this.#match(typeUrl);
    if (url !== undefined) return this.#expandedAny(url[1] ?? "", keyAt);
    const key = this.#match(identifier)?.[0];
    if (key === undefined) throw this.#unexpected("the name of a field");
    this.#space();
    const hasColon = this.#take(":");
    this.#space();
    const char = this.#text[this.#at];
    if (!hasColon && char !== "{" && char !== "<")
      throw this.#unexpected(`":" after ${quote(key)}`);
    return [{ key, keyAt, value: this.#value() }];
  }

  /** `[type.googleapis.com/x] { ... }`: its fields stand beside `@type`, as in JSON. */
  #expandedAny(url: string, keyAt: number): MapEntry[] {
    this.#space();
    this.#take(":");
    this.#space();
    const value = this.#value();
    if (value.kind !== "map")
      throw new SyntaxProblem(value.at, 'expected "{" after the type of an Any');
    const type: ScalarNode = { kind: "scalar", at: keyAt, value: url, text: url, quoted: true };
    return [{ key: "@type", keyAt, value: type }, ...value.entries];
  }

  #value(): TextNode {
    this.#space();
    const at = this.#at;
    if (this.#take("{")) return this.#fields(at, "}");
    if (this.#take("<")) return this.#fields(at, ">");
    if (this.#take("[")) return this.#list(at);
    const char = this.#text[at];
    if (char === '"' || char === "'") return this.#string();
    const digits = this.#match(number)?.[0];
    if (digits !== undefined) return numberNode(digits, at);
    const sign = this.#take("-") ? "-" : "";
    const word = this.#match(identifier)?.[0];
    if (word === undefined) throw this.#unexpected("a value");
    return wordNode(sign + word, at);
  }

  #list(at: number): ListNode {
    const items: TextNode[] = [];
    this.#space();
    while (!this.#take("]")) {
      items.push(this.#value());
      this.#space();
      if (!this.#take(",") && this.#text[this.#at] !== "]") throw this.#unexpected('"," or "]"');
      this.#space();
    }
    return { kind: "list", at, items };
  }

  /** Strings that follow each other are one. Their bytes need not be text. */
  #string(): ScalarNode {
    const at = this.#at;
    const bytes: number[] = [];
    while (this.#text[this.#at] === '"' || this.#text[this.#at] === "'") {
      this.#quoted(bytes);
      this.#space();
    }
    const value = new TextDecoder().decode(Uint8Array.from(bytes));
    return { kind: "scalar", at, value, text: value, quoted: true, bytes: Uint8Array.from(bytes) };
  }

  #quoted(bytes: number[]): void {
    const start = this.#at;
    const delimiter = this.#text[this.#at++];
    for (;;) {
      const char = this.#text[this.#at];
      if (char === undefined || char === "\n")
        throw new SyntaxProblem(start, "string without an end");
      if (char === delimiter) break;
      if (char === "\\") {
        this.#escape(bytes);
        continue;
      }
      const point = String.fromCodePoint(this.#text.codePointAt(this.#at) ?? 0);
      bytes.push(...Buffer.from(point));
      this.#at += point.length;
    }
    this.#at++;
  }

  #escape(bytes: number[]): void {
    const coded = this.#match(
      /\\(?:([0-7]{1,3})|[xX]([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/y,
    );
    if (coded !== undefined) {
      const [, octal, hexadecimal, short, long] = coded;
      const point = Number.parseInt(short ?? long ?? "0", 16);
      if (point > 0x10ffff)
        throw new SyntaxProblem(this.#at, "escape of a character that does not exist");
      if (octal !== undefined) bytes.push(Number.parseInt(octal, 8) & 0xff);
      else if (hexadecimal !== undefined) bytes.push(Number.parseInt(hexadecimal, 16));
      else bytes.push(...Buffer.from(String.fromCodePoint(point)));
      return;
    }
    const char = this.#text[this.#at + 1] ?? "";
    const byte = Object.hasOwn(escapes, char) ? escapes[char] : undefined;
    if (byte === undefined)
      throw new SyntaxProblem(this.#at, `unknown escape ${quote(`\\${char}`)}`);
    bytes.push(byte);
    this.#at += 2;
  }

  #space(): void {
    this.#match(/(?:\s|#[^\n]*)*/y);
  }

  #take(char: string): boolean {
    if (this.#text[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) return undefined;
    this.#at += match[0].length;
    return match;
  }

  #unexpected(expected: string): SyntaxProblem {
    const char = this.#text[this.#at];
    return new SyntaxProblem(
      this.#at,
      `expected ${expected}, got ${char === undefined ? "the end of the text" : quote(char)}`,
    );
  }
}

function numberNode(digits: string, at: number): ScalarNode {
  const compact = digits.replace(/\s/g, "");
  const isHexadecimal = /^-?0[xX]/.test(compact);
  const isOctal = /^-?0[0-7]+$/.test(compact);
  const text = isOctal
    ? compact.replace("0", "0o")
    : isHexadecimal
      ? compact
      : compact.replace(/[fF]$/, "");
  const value = text.startsWith("-") ? -Number(text.slice(1)) : Number(text);
  return {
    kind: "scalar",
    at,
    value,
    text: Number.isSafeInteger(value) ? String(value) : text,
    quoted: false,
  };
}

function wordNode(word: string, at: number): ScalarNode {
  const lower = word.toLowerCase();
  if (["true", "t", "false", "f"].includes(lower)) {
    return { kind: "scalar", at, value: lower.startsWith("t"), text: word, quoted: false };
  }
  const unsigned = lower.replace("-", "");
  if (unsigned === "inf" || unsigned === "infinity") {
    return {
      kind: "scalar",
      at,
      value: lower.startsWith("-") ? -Infinity : Infinity,
      text: word,
      quoted: false,
    };
  }
  if (unsigned === "nan") return { kind: "scalar", at, value: NaN, text: word, quoted: false };
  return { kind: "scalar", at, value: word, text: word, quoted: false };
}

/** Entries with the same key as one, with the list of their values. */
function gathered(entries: readonly MapEntry[]): MapEntry[] {
  const byKey = new Map<string, MapEntry>();
  for (const entry of entries) {
    const known = byKey.get(entry.key);
    if (known === undefined) {
      byKey.set(entry.key, entry);
      continue;
    }
    const items = [known.value, entry.value].flatMap((value) =>
      value.kind === "list" ? value.items : [value],
    );
    byKey.set(entry.key, { ...known, value: { kind: "list", at: known.value.at, items } });
  }
  return [...byKey.values()];
}
