import { ByteSet, perlClass } from "./byte-set.ts";

/** A pattern's syntax tree, as far as it can be run by a native expression. */
export type Node =
  | { readonly kind: "set"; readonly set: ByteSet }
  | { readonly kind: "sequence"; readonly parts: readonly Node[] }
  | { readonly kind: "choice"; readonly options: readonly Node[] }
  | {
      readonly kind: "repeat";
      readonly node: Node;
      readonly min: number;
      readonly max: number;
      readonly lazy: boolean;
    }
  | { readonly kind: "group"; readonly node: Node; readonly capturing: boolean };

export interface ParsedPattern {
  /** `^` or `\A` at the very beginning. */
  readonly anchoredStart: boolean;
  /** `$` or `\z` at the very end. */
  readonly anchoredEnd: boolean;
  readonly node: Node;
  readonly captures: number;
}

/**
 * Parses the common part of RE2's syntax: literals, classes, groups, choices and repetitions, with anchors at the
 * outer ends only. Null for anything else, which is left to RE2 itself. The pattern must be valid RE2.
 */
export function parsePattern(pattern: string): ParsedPattern | null {
  const parser = new Parser(pattern);
  try {
    return parser.parse();
  } catch (error) {
    if (error === UNSUPPORTED) return null;
    throw error;
  }
}

const UNSUPPORTED = new Error("not in the common part of the syntax");
const LINE_FEED = 10;
const ANY = new ByteSet().addRange(0, 255);
const NOT_LINE_FEED = ByteSet.of(LINE_FEED).negated();
const CONTROL_ESCAPES: { readonly [letter: string]: number } = {
  a: 7,
  f: 12,
  t: 9,
  n: 10,
  r: 13,
  v: 11,
};

class Parser {
  readonly #text: string;
  #at = 0;
  #captures = 0;
  #ignoreCase = false;
  #dotAll = false;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): ParsedPattern {
    this.#leadingFlags();
    const anchoredStart = this.#take("^") || this.#take("\\A");
    const node = this.#choice();
    const anchoredEnd = this.#take("$") || this.#take("\\z");
    if (this.#at < this.#text.length) throw UNSUPPORTED;
    // An anchor beside a choice belongs to its first or last option only.
    if ((anchoredStart || anchoredEnd) && node.kind === "choice") throw UNSUPPORTED;
    return { anchoredStart, anchoredEnd, node, captures: this.#captures };
  }

  #leadingFlags(): void {
    const flags = /^\(\?([is]+)\)/.exec(this.#text);
    if (flags === null) return;
    this.#at = flags[0].length;
    this.#ignoreCase = flags[1]!.includes("i");
    this.#dotAll = flags[1]!.includes("s");
    // Folding beyond ASCII follows Unicode's tables, which RE2 has.
    if (this.#ignoreCase && /[^\x00-\x7f]|\\x/.test(this.#text)) throw UNSUPPORTED;
  }

  #choice(): Node {
    const options = [this.#sequence()];
    while (this.#take("|")) options.push(this.#sequence());
    return options.length === 1 ? options[0]! : { kind: "choice", options };
  }

  #sequence(): Node {
    const parts: Node[] = [];
    while (this.#at < this.#text.length && !this.#atSequenceEnd())
      parts.push(this.#repeated(this.#atom()));
    return parts.length === 1 ? parts[0]! : { kind: "sequence", parts };
  }

  #atSequenceEnd(): boolean {
    const next = this.#text[this.#at]!;
    return next === "|" || next === ")" || next === "$" || this.#text.startsWith("\\z", this.#at);
  }

  #repeated(node: Node): Node {
    const [min, max] = this.#quantifier() ?? [1, 1];
    if (min === 1 && max === 1) return node;
    return { kind: "repeat", node, min, max, lazy: this.#take("?") };
  }

  #quantifier(): [number, number] | null {
    if (this.#take("*")) return [0, Number.POSITIVE_INFINITY];
    if (this.#take("+")) return [1, Number.POSITIVE_INFINITY];
    if (this.#take("?")) return [0, 1];
    if (this.#text[this.#at] !== "{") return null;
    const counts = /^\{(\d+)(,?)(\d*)\}/.exec(this.#text.slice(this.#at, this.#at + 16));
    // RE2 takes a brace that starts no repetition literally.
    if (counts === null) throw UNSUPPORTED;
    this.#at += counts[0].length;
    const min = Number(counts[1]);
    if (counts[2] === "") return [min, min];
    return [min, counts[3] === "" ? Number.POSITIVE_INFINITY : Number(counts[3])];
  }

  #atom(): Node {
    const next = this.#text[this.#at++]!;
    switch (next) {
      case ".":
        return { kind: "set", set: this.#dotAll ? ANY : NOT_LINE_FEED };
      case "(":
        return this.#group();
      case "[":
        return { kind: "set", set: this.#class() };
      case "\\":
        return { kind: "set", set: this.#escape() };
      case "^":
      case "{":
      case "*":
      case "+":
      case "?":
        throw UNSUPPORTED;
      default:
        return { kind: "set", set: this.#literal(next.charCodeAt(0)) };
    }
  }

  #group(): Node {
    let capturing = true;
    if (this.#take("?:")) capturing = false;
    else if (this.#text[this.#at] === "?") {
      const name = /^\?P?<\w+>/.exec(this.#text.slice(this.#at));
      if (name === null) throw UNSUPPORTED;
      this.#at += name[0].length;
    }
    if (capturing) this.#captures++;
    const node = this.#choice();
    if (!this.#take(")")) throw UNSUPPORTED;
    return { kind: "group", node, capturing };
  }

  #class(): ByteSet {
    const negated = this.#take("^");
    const set = new ByteSet();
    for (let first = true; first || this.#text[this.#at] !== "]"; first = false) {
      if (this.#text.startsWith("[:", this.#at)) throw UNSUPPORTED;
      const perl =
        this.#text[this.#at] === "\\" ? perlClass(this.#text[this.#at + 1] ?? "") : undefined;
      if (perl !== undefined) {
        this.#at += 2;
        set.addSet(perl);
        continue;
      }
      const low = this.#classByte();
      const isRange = this.#text[this.#at] === "-" && this.#text[this.#at + 1] !== "]";
      if (isRange) this.#at++;
      set.addRange(low, isRange ? this.#classByte() : low);
    }
    this.#at++;
    if (this.#ignoreCase) set.foldAscii();
    return negated ? set.negated() : set;
  }

  #classByte(): number {
    const next = this.#text[this.#at++];
    if (next === undefined) throw UNSUPPORTED;
    return next === "\\" ? this.#escapedByte() : next.charCodeAt(0);
  }

  #escape(): ByteSet {
    const letter = this.#text[this.#at] ?? "";
    const perl = letter === "C" ? ANY : perlClass(letter);
    if (perl === undefined) return this.#literal(this.#escapedByte());
    this.#at++;
    return perl;
  }

  #escapedByte(): number {
    const letter = this.#text[this.#at++] ?? "";
    const control = CONTROL_ESCAPES[letter];
    if (control !== undefined) return control;
    if (letter === "x") return this.#hex();
    // Word boundaries, Unicode classes, octal, quotation.
    if (letter === "" || /[A-Za-z0-9]/.test(letter)) throw UNSUPPORTED;
    return letter.charCodeAt(0);
  }

  #hex(): number {
    const hex = /^(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]+)\})/.exec(
      this.#text.slice(this.#at, this.#at + 12),
    );
    if (hex === null) throw UNSUPPORTED;
    this.#at += hex[0].length;
    const code = Number.parseInt(hex[1] ?? hex[2]!, 16);
    if (code > 255) throw UNSUPPORTED;
    return code;
  }

  #literal(byte: number): ByteSet {
    const set = ByteSet.of(byte);
    return this.#ignoreCase ? set.foldAscii() : set;
  }

  #take(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }
}
