import { SyntaxProblem, quote } from "../text-node.ts";

export const tab = 0x09;
export const newline = 0x0a;
export const space = 0x20;
export const doubleQuote = 0x22;
export const hash = 0x23;
export const singleQuote = 0x27;
export const dash = 0x2d;
export const colon = 0x3a;

/** A position in a YAML text whose line ends are single newlines. */
export class Cursor {
  readonly text: string;
  at = 0;
  lineStart = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** The UTF-16 unit at the position, or NaN at the end. */
  get code(): number {
    return this.text.charCodeAt(this.at);
  }

  get column(): number {
    return this.at - this.lineStart;
  }

  get atEnd(): boolean {
    return this.at >= this.text.length;
  }

  isSpaceAt(at: number): boolean {
    const code = this.text.charCodeAt(at);
    return code === space || code === tab;
  }

  /** Whether a unit ends a token: white space or the end of the text. */
  isBlankAt(at: number): boolean {
    const code = this.text.charCodeAt(at);
    return code === space || code === newline || code === tab || Number.isNaN(code);
  }

  /** Moves over spaces and tabs of this line. */
  skipSpaces(): void {
    while (this.isSpaceAt(this.at)) this.at++;
  }

  /** Moves to the next content: over white space, comments and line ends. Indentation must be of spaces. */
  skipToContent(): void {
    const leadingTab = this.#skip();
    if (leadingTab >= 0 && !this.atEnd)
      throw new SyntaxProblem(leadingTab, "tab in the indentation, use spaces");
  }

  /** The same inside of brackets, where indentation means nothing. */
  skipToFlowContent(): void {
    this.#skip();
  }

  /** Where the indentation in front of the position has a tab, or -1. */
  #skip(): number {
    let leadingTab = -1;
    let leading = this.at === this.lineStart;
    for (; ; this.at++) {
      const code = this.text.charCodeAt(this.at);
      if (code === space) continue;
      if (code === newline) {
        this.lineStart = this.at + 1;
        leading = true;
        leadingTab = -1;
      } else if (code === tab) {
        if (leading && leadingTab < 0) leadingTab = this.at;
      } else if (code === hash && (this.at === this.lineStart || this.isSpaceAt(this.at - 1))) {
        this.#skipComment();
      } else {
        return leadingTab;
      }
    }
  }

  #skipComment(): void {
    const end = this.text.indexOf("\n", this.at);
    // One before the line end: the caller moves on.
    this.at = (end === -1 ? this.text.length : end) - 1;
  }

  /** Whether `---` or `...` stands at the position, at the start of a line. */
  atMarker(marker: "---" | "..."): boolean {
    return (
      this.column === 0 && this.text.startsWith(marker, this.at) && this.isBlankAt(this.at + 3)
    );
  }

  atAnyMarker(): boolean {
    return this.atMarker("---") || this.atMarker("...");
  }

  /** Checks that nothing but a comment follows on this line. */
  endLine(after: string): void {
    const start = this.at;
    this.skipSpaces();
    if (this.atEnd || this.code === newline) return;
    if (this.code === hash && this.at > start) return;
    throw this.unexpected(`the end of the line after ${after}`);
  }

  unexpected(expected: string): SyntaxProblem {
    const char = this.text[this.at];
    const seen =
      char === undefined
        ? "the end of the text"
        : char === "\n"
          ? "the end of the line"
          : quote(char);
    return new SyntaxProblem(this.at, `expected ${expected}, got ${seen}`);
  }
}
