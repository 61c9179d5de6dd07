import type { LoadLimits, MapEntry, TextNode } from "./text-node.ts";
import { SyntaxProblem, quote } from "./text-node.ts";

/**
 * Parses JSON text into nodes. As lenient as the parser in Envoy: keys without quotes, single quotes, and a comma before a
 * closing bracket are taken.
 * @throws SyntaxProblem
 */
export function parseJson(text: string, limits: LoadLimits): TextNode {
  const parser = new JsonParser(text, limits.depthMax);
  return parser.document();
}

const numberToken = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const wordToken = /[A-Za-z_$][A-Za-z0-9_$]*/y;
const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

class JsonParser {
  readonly #text: string;
  readonly #depthMax: number;
  #at = 0;
  #depth = 0;

  constructor(text: string, depthMax: number) {
    this.#text = text;
    this.#depthMax = depthMax;
  }

  document(): TextNode {
    const value = this.#value();
    this.#space();
    if (this.#at < this.#text.length) throw this.#unexpected("the end of the text");
    return value;
  }

  #value(): TextNode {
    this.#space();
    const at = this.#at;
    const char = this.#text[at];
    if (char === "{") return this.#map();
    if (char === "[") return this.#list();
    if (char === '"' || char === "'") {
      const text = this.#string();
      return { kind: "scalar", at, value: text, text, quoted: true };
    }
    const number = this.#token(numberToken);
    if (number !== undefined) {
      if (/[0-9.]/.test(this.#text[this.#at] ?? ""))
        throw this.#unexpected("a number without leading zeros");
      return { kind: "scalar", at, value: Number(number), text: number, quoted: false };
    }
    const word = this.#token(wordToken);
    if (word === "true" || word === "false") {
      return { kind: "scalar", at, value: word === "true", text: word, quoted: false };
    }
    if (word === "null") return { kind: "scalar", at, value: null, text: word, quoted: false };
    this.#at = at;
    throw this.#unexpected("a value");
  }

  #map(): TextNode {
    const at = this.#open();
    const entries: MapEntry[] = [];
    while (!this.#closes("}")) {
      this.#space();
      const keyAt = this.#at;
      const key = this.#key();
      this.#space();
      if (this.#text[this.#at] !== ":") throw this.#unexpected('":" after the key');
      this.#at++;
      entries.push({ key, keyAt, value: this.#value() });
      this.#comma("}");
    }
    return { kind: "map", at, entries };
  }

  #list(): TextNode {
    const at = this.#open();
    const items: TextNode[] = [];
    while (!this.#closes("]")) {
      items.push(this.#value());
      this.#comma("]");
    }
    return { kind: "list", at, items };
  }

  #open(): number {
    if (++this.#depth > this.#depthMax) {
      throw new SyntaxProblem(this.#at, `nested deeper than ${this.#depthMax} levels`);
    }
    return this.#at++;
  }

  #closes(bracket: string): boolean {
    this.#space();
    if (this.#text[this.#at] !== bracket) return false;
    this.#at++;
    this.#depth--;
    return true;
  }

  #comma(bracket: string): void {
    this.#space();
    const char = this.#text[this.#at];
    if (char === ",") this.#at++;
    else if (char !== bracket) throw this.#unexpected(`"," or "${bracket}"`);
  }

  #key(): string {
    const char = this.#text[this.#at];
    if (char === '"' || char === "'") return this.#string();
    const word = this.#token(wordToken);
    if (word === undefined) throw this.#unexpected("a key in quotes");
    return word;
  }

  #string(): string {
    const start = this.#at;
    const delimiter = this.#text[start];
    let result = "";
    let from = start + 1;
    for (let at = from; at < this.#text.length; at++) {
      const char = this.#text[at];
      if (char === delimiter) {
        this.#at = at + 1;
        return result + this.#text.slice(from, at);
      }
      if (char === "\\") {
        result += this.#text.slice(from, at);
        this.#at = at;
        result += this.#escape();
        at = this.#at - 1;
        from = this.#at;
      }
    }
    throw new SyntaxProblem(start, "string without an end");
  }

  /** Reads an escape at the current position; surrogates must come in pairs. */
  #escape(): string {
    const at = this.#at;
    const char = this.#text[at + 1] ?? "";
    if (char !== "u") {
      const plain = Object.hasOwn(escapes, char) ? escapes[char] : undefined;
      if (plain === undefined) throw new SyntaxProblem(at, `unknown escape ${quote(`\\${char}`)}`);
      this.#at += 2;
      return plain;
    }
    const units = /\\u([0-9a-fA-F]{4})(?:\\u([dD][c-fC-F][0-9a-fA-F]{2}))?/y;
    units.lastIndex = at;
    const match = units.exec(this.#text);
    const first = match === null ? NaN : Number.parseInt(match[1] ?? "", 16);
    if (Number.isNaN(first))
      throw new SyntaxProblem(at, "expected four hexadecimal digits after \\u");
    const isHigh = first >= 0xd800 && first < 0xdc00;
    if (first >= 0xdc00 && first < 0xe000)
      throw new SyntaxProblem(at, "surrogate without its first half");
    if (isHigh && match?.[2] === undefined)
      throw new SyntaxProblem(at, "surrogate without its second half");
    this.#at += isHigh ? 12 : 6;
    return isHigh
      ? String.fromCharCode(first, Number.parseInt(match?.[2] ?? "", 16))
      : String.fromCharCode(first);
  }

  #token(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) return undefined;
    this.#at += match[0].length;
    return match[0];
  }

  #space(): void {
    for (; this.#at < this.#text.length; this.#at++) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
    }
  }

  #unexpected(expected: string): SyntaxProblem {
    const char = this.#text[this.#at];
    const seen = char === undefined ? "the end of the text" : quote(char);
    return new SyntaxProblem(this.#at, `expected ${expected}, got ${seen}`);
  }
}
