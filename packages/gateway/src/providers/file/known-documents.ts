import type { ReadResult } from "../../resources/read/read-resources.ts";
import { changedSpan } from "./changed-span.ts";
import { linesIn, splitDocuments } from "./split-documents.ts";

/** A document of a file, and what was read of it. */
export interface KnownDocument {
  readonly text: string;
  readonly result: ReadResult;
  /** Where it begins in the file, in bytes. */
  from: number;
  /** Lines of the file before it. */
  line: number;
}

/** A file of documents that were read one by one. */
export interface KnownFile {
  readonly bytes: Buffer;
  readonly documents: readonly KnownDocument[];
}

export interface DocumentsOptions {
  readonly read: (text: string) => ReadResult;
  /** A file of more is not taken apart. */
  readonly documentsMax: number;
}

/** Whether there is a separator is said by so many bytes around where it begins: what ends the line before it, and `--- `. */
const SEPARATOR_REACH_BYTES = 4;
const NOTHING: KnownFile = { bytes: Buffer.alloc(0), documents: [] };

/**
 * The documents of a file as it is now. Those outside the span in which it differs from before are the same, and moved at
 * most; those within it are read, unless one of them has the same text. Undefined for a file that is not to be taken apart.
 *
 * @param bytes of a text in UTF-8; kept
 * @param before is changed, and becomes part of the result
 */
export function documentsNow(
  bytes: Buffer,
  before: KnownFile = NOTHING,
  { read, documentsMax }: DocumentsOptions,
): KnownFile | undefined {
  const { head, tail, moved } = unchanged(before, bytes);
  const old = before.documents;
  const next = old[tail];
  const start = old[head]?.from ?? 0;
  const end = next === undefined ? bytes.length : next.from + moved;
  const text = bytes.toString("utf8", start, end);
  const split = splitDocuments(text);
  if (split === undefined || head + split.length + old.length - tail > documentsMax)
    return undefined;
  const known = new Map(old.slice(head, tail).map((one) => [one.text, one.result]));
  const line = old[head]?.line ?? 0;
  let from = start;
  const changed = split.map((one) => {
    const to = from + Buffer.byteLength(one.text);
    // A part of a text keeps the whole in memory: this is a text of its own.
    const own = bytes.toString("utf8", from, to);
    const result = known.get(own) ?? read(own);
    const document = { text: own, result, from, line: line + one.line };
    from = to;
    return document;
  });
  const rest = old.slice(tail);
  const movedLines = next === undefined ? 0 : line + linesIn(text) - next.line;
  if (moved !== 0 || movedLines !== 0) {
    for (const document of rest) {
      document.from += moved;
      document.line += movedLines;
    }
  }
  return { bytes, documents: [...old.slice(0, head), ...changed, ...rest] };
}

/** How many documents at the start are the same, which are from `tail` on, and by how many bytes those have moved. */
function unchanged(
  { bytes, documents }: KnownFile,
  now: Buffer,
): { head: number; tail: number; moved: number } {
  const { from, toBefore, toNow } = changedSpan(bytes, now);
  let head = 0;
  // A document ends where the next one begins: what says so has to be the same, too.
  for (let next = documents[1]; next !== undefined; next = documents[head + 1]) {
    if (next.from + SEPARATOR_REACH_BYTES > from) break;
    head += 1;
  }
  let tail = documents.length;
  for (let last = documents[tail - 1]; last !== undefined; last = documents[tail - 1]) {
    if (tail <= head || last.from - SEPARATOR_REACH_BYTES < toBefore) break;
    tail -= 1;
  }
  return { head, tail, moved: toNow - toBefore };
}
