import { SyntaxProblem } from "../text-node.ts";
import type { ScalarNode } from "../text-node.ts";
import type { Cursor } from "./cursor.ts";
import { colon, hash, newline, space, tab } from "./cursor.ts";
import { plainScalar } from "./plain-scalar.ts";

const flowIndicators = ",[]{}";
const indicators = ",[]{}#&*!|>'\"%@`";

/** Reads plain (unquoted) scalars at the position of a cursor. */
export class PlainReader {
  readonly #cursor: Cursor;
  // Where the last segment of block style was, and where it ended: it is asked for whether it is a key, and then read.
  #segmentStart = -1;
  #segmentEnd = -1;

  constructor(cursor: Cursor) {
    this.#cursor = cursor;
  }

  /** A value in block style; it goes on over lines that are indented to `minIndent` or more. */
  block(minIndent: number): ScalarNode {
    return this.#lines(minIndent, false);
  }

  /** A value or key in brackets. */
  flow(): ScalarNode {
    return this.#lines(0, true);
  }

  /** One line of a scalar, such as a key. */
  line(inFlow: boolean): ScalarNode {
    const at = this.#cursor.at;
    this.#checkStart(inFlow);
    return plainScalar(this.#segment(inFlow), at);
  }

  /** Whether a plain scalar on this line is a key: `:` with white space after it ends it. Moves the position. */
  isKey(): boolean {
    const cursor = this.#cursor;
    if (!this.#starts(false)) return false;
    cursor.at = this.#endOfSegment(false);
    cursor.skipSpaces();
    return cursor.code === colon && cursor.isBlankAt(cursor.at + 1);
  }

  /** Whether a `:` in brackets separates key and value: white space or an indicator must follow it. */
  atFlowColon(at: number): boolean {
    const { text } = this.#cursor;
    return (
      text.charCodeAt(at) === colon &&
      (this.#cursor.isBlankAt(at + 1) || flowIndicators.includes(text[at + 1] ?? ""))
    );
  }

  #lines(minIndent: number, inFlow: boolean): ScalarNode {
    const cursor = this.#cursor;
    const at = cursor.at;
    this.#checkStart(inFlow);
    let text = this.#segment(inFlow);
    for (;;) {
      const fold = this.#continuation(minIndent, inFlow);
      if (fold === undefined) break;
      text += fold + this.#segment(inFlow);
    }
    cursor.skipSpaces();
    if (!inFlow && cursor.code === colon) {
      throw new SyntaxProblem(
        cursor.at,
        'expected the end of the value, got ":": quote the value, or check the indentation',
      );
    }
    return plainScalar(text, at);
  }

  /** Moves to the next line of the scalar and returns what joins it, or stays and returns undefined. */
  #continuation(minIndent: number, inFlow: boolean): string | undefined {
    const cursor = this.#cursor;
    const { at, lineStart } = cursor;
    cursor.skipSpaces();
    let breaks = 0;
    while (cursor.code === newline) {
      breaks++;
      cursor.lineStart = ++cursor.at;
      cursor.skipSpaces();
    }
    const indent = this.#spacesFrom(cursor.lineStart);
    const ends = cursor.atEnd || cursor.code === hash || indent < minIndent || cursor.atAnyMarker();
    const endsFlow =
      inFlow &&
      (flowIndicators.includes(cursor.text[cursor.at] ?? "") || this.atFlowColon(cursor.at));
    if (breaks === 0 || ends || endsFlow) {
      cursor.at = at;
      cursor.lineStart = lineStart;
      return undefined;
    }
    return breaks === 1 ? " " : "\n".repeat(breaks - 1);
  }

  #spacesFrom(lineStart: number): number {
    const { text } = this.#cursor;
    let at = lineStart;
    while (text.charCodeAt(at) === space) at++;
    return at - lineStart;
  }

  /** The scalar's text up to the end of the line, a comment, or what ends it; without white space at its end. */
  #segment(inFlow: boolean): string {
    const cursor = this.#cursor;
    const start = cursor.at;
    cursor.at = this.#endOfSegment(inFlow);
    return cursor.text.slice(start, cursor.at);
  }

  #endOfSegment(inFlow: boolean): number {
    if (inFlow) return this.#findEnd(true);
    const { at } = this.#cursor;
    if (this.#segmentStart !== at) {
      this.#segmentEnd = this.#findEnd(false);
      this.#segmentStart = at;
    }
    return this.#segmentEnd;
  }

  #findEnd(inFlow: boolean): number {
    const cursor = this.#cursor;
    const { text, at: start } = cursor;
    let end = start;
    for (let at = start; ; at++) {
      const code = text.charCodeAt(at);
      // Most characters: all that may mean something here are below "#", but the colon.
      if (code > hash && code !== colon && !inFlow) {
        end = at + 1;
        continue;
      }
      if (code === newline || Number.isNaN(code)) break;
      if (code === space || code === tab) continue;
      if (code === colon && (inFlow ? this.atFlowColon(at) : cursor.isBlankAt(at + 1))) break;
      if (code === hash && at > start && cursor.isSpaceAt(at - 1)) break;
      if (
        inFlow &&
        (code === 0x2c || code === 0x5b || code === 0x5d || code === 0x7b || code === 0x7d)
      )
        break;
      end = at + 1;
    }
    return end;
  }

  #checkStart(inFlow: boolean): void {
    if (!this.#starts(inFlow)) throw this.#cursor.unexpected("a value");
  }

  /** Whether a plain scalar may start here (YAML 1.2, section 7.3.3). */
  #starts(inFlow: boolean): boolean {
    const { text, at } = this.#cursor;
    const char = text[at] ?? "";
    if (char === "-" || char === "?" || char === ":") {
      return (
        !this.#cursor.isBlankAt(at + 1) && !(inFlow && flowIndicators.includes(text[at + 1] ?? ""))
      );
    }
    return char !== "" && !indicators.includes(char);
  }
}
