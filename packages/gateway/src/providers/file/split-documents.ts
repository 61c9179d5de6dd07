/** A document of a file, and where it begins. */
export interface DocumentText {
  readonly text: string;
  /** Lines before it. */
  readonly line: number;
}

/** Directives hold for the document behind them, and a document may end without another one. */
const NOT_PLAIN = /^(%|\.\.\.(\s|$))/m;
const SEPARATOR = /^---(?=\s|$)/gm;

/**
 * The documents of a text of YAML, each with the separator before it; together they are the text. In YAML nothing else may
 * begin a line with `---`. Undefined for a text that is to be left whole.
 */
export function splitDocuments(text: string): DocumentText[] | undefined {
  if (NOT_PLAIN.test(text)) return undefined;
  const documents: DocumentText[] = [];
  let from = 0;
  let line = 0;
  const add = (to: number): void => {
    const document = text.slice(from, to);
    if (document !== "") documents.push({ text: document, line });
    line += linesIn(document);
    from = to;
  };
  for (const { index } of text.matchAll(SEPARATOR)) add(index);
  add(text.length);
  return documents;
}

/** How many lines end in a text. */
export function linesIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) count += 1;
  return count;
}
