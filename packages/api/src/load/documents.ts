import { parseJson } from "./json-parser.ts";
import { SyntaxProblem } from "./text-node.ts";
import type { LoadLimits, TextNode } from "./text-node.ts";
import { parseYaml } from "./yaml/parser.ts";

/** One document of a text: its nodes, or why it has none. Offsets of both count from `start`. */
export interface TextDocument {
  /** Offset in the text. */
  readonly start: number;
  readonly content: TextNode | SyntaxProblem;
}

/**
 * The documents of a YAML text, between lines of `---`, each parsed by itself and with merge keys; those with nothing but
 * comments are left out. JSON is one document.
 * @param text with line ends of single newlines
 */
export function* parseDocuments(
  text: string,
  format: "yaml" | "json",
  limits: LoadLimits,
): Generator<TextDocument> {
  if (format === "json") {
    yield { start: 0, content: parseOne(() => parseJson(text, limits)) };
    return;
  }
  for (const [start, end] of documentRanges(text)) {
    const document = text.slice(start, end);
    if (hasContent.test(document))
      yield { start, content: parseOne(() => parseYaml(document, limits, "merged")) };
  }
}

/** A line with more than a comment, a directive or a marker. */
const hasContent = /^(?!%)(?:---(?=[ \t]))?[ \t]*(?!#|(?:---|\.\.\.)(?:\s|$))\S/m;

function parseOne(parse: () => TextNode): TextNode | SyntaxProblem {
  try {
    return parse();
  } catch (error) {
    if (error instanceof SyntaxProblem) return error;
    throw error;
  }
}

/** A line that starts with `---` is a marker wherever it stands: no scalar may hold one (YAML 1.2, section 9.1.2). */
function* documentRanges(text: string): Generator<readonly [start: number, end: number]> {
  const marker = /^---(?=[ \t\n]|(?![^]))/gm;
  let start = 0;
  for (const { index } of text.matchAll(marker)) {
    if (index > start) yield [start, index];
    start = index;
  }
  yield [start, text.length];
}
