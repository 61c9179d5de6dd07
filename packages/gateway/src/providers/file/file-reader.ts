import { isUtf8 } from "node:buffer";
import { formatResourceProblem, type ResourceProblem } from "../../resources/problem.ts";
import { defaultReadLimits, type ReadLimits } from "../../resources/read/read-limits.ts";
import {
  readResources,
  type ReadResult,
  type ResourceSource,
} from "../../resources/read/read-resources.ts";
import { contentOf, readSource, type ReadSource } from "../read-source.ts";
import { splitDocuments, type DocumentText } from "./split-documents.ts";

/** Of each document of a file what was read of it, by its text. */
type KnownDocuments = ReadonlyMap<string, ReadResult>;

/**
 * Reads files, and of a file that it has read before only the documents that have changed: their objects are new ones, all
 * others the same as before.
 */
export class FileReader {
  readonly #limits: ReadLimits;
  readonly #known = new Map<string, KnownDocuments>();

  constructor(limits: ReadLimits = defaultReadLimits) {
    this.#limits = limits;
  }

  /** Never throws because of the content. */
  read(source: ResourceSource): ReadSource {
    const { name } = source;
    const documents = this.#documents(source);
    if (documents === undefined) {
      this.forget(name);
      return readSource(source, this.#limits);
    }
    const before = this.#known.get(name);
    const known = new Map<string, ReadResult>();
    this.#known.set(name, known);
    const problems: ResourceProblem[] = [];
    const parts = documents.map(({ text, line }) => {
      const part = before?.get(text) ?? readResources({ name, content: text }, this.#limits);
      known.set(text, part);
      for (const problem of part.problems) problems.push(movedDown(problem, line));
      return part;
    });
    return { content: contentOf(parts), problems: this.#told(problems) };
  }

  /** The file is gone. */
  forget(name: string): void {
    this.#known.delete(name);
  }

  /** Undefined for what is not to be taken apart, or is too much: whoever reads it as a whole says what is wrong with it. */
  #documents({ name, content }: ResourceSource): readonly DocumentText[] | undefined {
    const { fileBytesMax, documentsPerFileMax } = this.#limits;
    const bytes = Buffer.from(content);
    if (name.toLowerCase().endsWith(".json") || bytes.length > fileBytesMax || !isUtf8(bytes))
      return undefined;
    const documents = splitDocuments(bytes.toString("utf8"));
    return documents.length > documentsPerFileMax ? undefined : documents;
  }

  #told(problems: readonly ResourceProblem[]): string[] {
    const max = this.#limits.problemsPerFileMax;
    const lines = problems.slice(0, max).map(formatResourceProblem);
    if (problems.length > max) lines.push(`${problems.length - max} more problems are not told`);
    return lines;
  }
}

function movedDown(problem: ResourceProblem, lines: number): ResourceProblem {
  const { place } = problem;
  if (place === null || lines === 0) return problem;
  return { ...problem, place: { ...place, line: place.line + lines } };
}
