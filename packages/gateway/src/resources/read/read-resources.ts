import { SourceText, SyntaxProblem, parseDocuments } from "@nuncio/api";
import type { Resource } from "../object.ts";
import type { ObjectName, ResourceProblem } from "../problem.ts";
import { ObjectReader } from "./object-reader.ts";
import type { Origin } from "./origin.ts";
import { defaultReadLimits } from "./read-limits.ts";
import type { ReadLimits } from "./read-limits.ts";

/** A file, or what takes its place. */
export interface ResourceSource {
  /** What problems show. `.json` is read as JSON, all else as YAML. */
  readonly name: string;
  readonly content: string | Uint8Array;
  /** Unless given, the name says it. */
  readonly format?: "yaml" | "json";
}

export interface ReadResource {
  readonly resource: Resource;
  readonly origin: Origin;
}

/** What a file holds. An object with an error is no resource, and takes no other one with it. */
export interface ReadResult {
  readonly resources: readonly ReadResource[];
  readonly problems: readonly ResourceProblem[];
  /** Objects of the file that are refused: what they were before may stay. */
  readonly refused: readonly ObjectName[];
  /**
   * False when a part of the file could not be read at all, as with a file that is only half written: an object that is
   * not among the resources may be in there.
   */
  readonly complete: boolean;
}

/** Reads the objects of a file: YAML of one or more documents, or JSON; `kind: List` holds more. Never throws because of its input. */
export function readResources(
  source: ResourceSource,
  limits: ReadLimits = defaultReadLimits,
): ReadResult {
  const format = source.format ?? (source.name.toLowerCase().endsWith(".json") ? "json" : "yaml");
  const bytes =
    typeof source.content === "string"
      ? Buffer.byteLength(source.content)
      : source.content.byteLength;
  if (bytes > limits.fileBytesMax) {
    const message = `expected at most ${limits.fileBytesMax} bytes, got ${bytes}`;
    return unreadable(source, message);
  }
  const content = textOf(source.content);
  if (content === undefined) return unreadable(source, "expected text in UTF-8");
  const text = new SourceText(source.name, content);
  const reader = new ObjectReader(text, format, limits);
  let count = 0;
  for (const { start, content: node } of parseDocuments(content, format, limits)) {
    if (++count > limits.documentsPerFileMax) {
      reader.unreadable(start, `expected at most ${limits.documentsPerFileMax} documents`);
      break;
    }
    if (node instanceof SyntaxProblem) reader.unreadable(start + node.at, node.message);
    else reader.read(node, start);
  }
  return reader.result();
}

function unreadable({ name }: ResourceSource, message: string): ReadResult {
  const place = { file: name, line: 1, column: 1 };
  const problem = { severity: "error", place, object: null, path: "", message } as const;
  return { resources: [], problems: [problem], refused: [], complete: false };
}

/** A byte order mark is dropped, and all line ends become single newlines. */
function textOf(content: string | Uint8Array): string | undefined {
  let text: string;
  try {
    text =
      typeof content === "string"
        ? content.replace(/^\ufeff/, "")
        : new TextDecoder("utf-8", { fatal: true }).decode(content);
  } catch {
    return undefined;
  }
  return text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text;
}
