import { SyntaxProblem, parseDocuments } from "@nuncio/api";
import type { Place, SourceText } from "@nuncio/api";
import type { FieldPath } from "../problem.ts";
import { offsetOf } from "./plain-value.ts";
import type { ReadLimits } from "./read-limits.ts";

/** Where an object was read from. Keeps the text alone: its nodes are made again for whoever asks. */
export interface Origin {
  readonly text: SourceText;
  readonly format: "yaml" | "json";
  readonly limits: ReadLimits;
  /** Offset of the object's document. */
  readonly start: number;
  /** The object within its document: empty, or an item of a list. */
  readonly within: FieldPath;
}

/** The file, line and column of a field of an object, or of the nearest thing around it that was written. */
export function placeOf(origin: Origin, path: FieldPath): Place {
  const { text, format, limits, start, within } = origin;
  const [document] = parseDocuments(text.text.slice(start), format, limits);
  if (document === undefined || document.content instanceof SyntaxProblem)
    throw new Error(`${text.name}: a document that was read has no nodes any more`);
  return text.placeOf(start + offsetOf(document.content, [...within, ...path], true));
}
