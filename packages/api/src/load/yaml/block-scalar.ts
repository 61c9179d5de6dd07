import { SyntaxProblem } from "../text-node.ts";
import type { ScalarNode } from "../text-node.ts";
import { newline, space } from "./cursor.ts";
import type { Cursor } from "./cursor.ts";

interface Header {
  readonly folded: boolean;
  readonly chomping: "clip" | "strip" | "keep";
  /** Indentation beyond the parent's, or 0 to find it out. */
  readonly indent: number;
}

/**
 * Reads a literal (`|`) or folded (`>`) scalar at the position (YAML 1.2, section 8.1).
 * @param parentIndent column of the mapping or sequence it stands in; -1 at the root
 */
export function blockScalar(cursor: Cursor, parentIndent: number): ScalarNode {
  const at = cursor.at;
  const header = readHeader(cursor);
  const lines = readLines(cursor, parentIndent, header.indent);
  let trailing = 0;
  while (lines.at(-1) === "") {
    lines.pop();
    trailing++;
  }
  let value = header.folded ? fold(lines) : lines.join("\n");
  if (header.chomping === "keep")
    value += "\n".repeat(lines.length === 0 ? trailing : trailing + 1);
  else if (header.chomping === "clip" && lines.length > 0) value += "\n";
  return { kind: "scalar", at, value, text: value, quoted: true };
}

function readHeader(cursor: Cursor): Header {
  const match = /[|>](?:([1-9])?([+-])?|([+-])([1-9]))/y;
  match.lastIndex = cursor.at;
  const [whole = "", indentFirst, chompLast, chompFirst, indentLast] =
    match.exec(cursor.text) ?? [];
  const folded = whole.startsWith(">");
  cursor.at += whole.length;
  cursor.endLine(`"${whole}"`);
  // Only a comment may be left.
  while (!cursor.atEnd && cursor.code !== newline) cursor.at++;
  const chomp = chompFirst ?? chompLast;
  return {
    folded,
    chomping: chomp === "+" ? "keep" : chomp === "-" ? "strip" : "clip",
    indent: Number(indentFirst ?? indentLast ?? 0),
  };
}

/** The lines without their indentation; empty lines are "". Leaves the position at the end of the last line. */
function readLines(cursor: Cursor, parentIndent: number, wantedIndent: number): string[] {
  const { text } = cursor;
  const lines: string[] = [];
  let indent = wantedIndent === 0 ? -1 : Math.max(parentIndent, 0) + wantedIndent;
  let deepestBlank = 0;
  while (!cursor.atEnd) {
    const start = cursor.at + 1;
    if (start > text.length) break;
    let at = start;
    while (text.charCodeAt(at) === space && (indent < 0 || at - start < indent)) at++;
    const found = text.indexOf("\n", at);
    const end = found === -1 ? text.length : found;
    const isBlank = at === end;
    if (!isBlank && indent < 0) {
      if (at - start <= parentIndent) break;
      if (deepestBlank > at - start)
        throw new SyntaxProblem(
          at,
          "empty lines before must not be indented deeper than the first line",
        );
      indent = at - start;
    }
    if (!isBlank && at - start < indent) break;
    // White space without a line end is not a line.
    if (isBlank && found === -1) break;
    const isMarker = at === start && /^(?:---|\.\.\.)(?:\s|$)/.test(text.slice(start, start + 4));
    if (isMarker) break;
    if (isBlank) deepestBlank = Math.max(deepestBlank, at - start);
    lines.push(isBlank ? "" : text.slice(at, end));
    cursor.at = end;
    cursor.lineStart = start;
  }
  return lines;
}

/** Joins lines with spaces; lines that start with white space keep their line ends, and empty lines become line ends. */
function fold(lines: readonly string[]): string {
  let result = "";
  let breaks = 0;
  let wasIndented = false;
  for (const [index, line] of lines.entries()) {
    if (line === "") {
      breaks++;
      continue;
    }
    const isIndented = line.startsWith(" ") || line.startsWith("\t");
    if (index > 0) {
      if (result === "") result = "\n".repeat(breaks);
      else if (isIndented || wasIndented) result += "\n".repeat(breaks + 1);
      else result += breaks === 0 ? " " : "\n".repeat(breaks);
    }
    result += line;
    breaks = 0;
    wasIndented = isIndented;
  }
  return result;
}
