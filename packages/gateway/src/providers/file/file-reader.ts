import { isUtf8 } from "node:buffer";
import { formatResourceProblem, type ResourceProblem } from "../../resources/problem.ts";
import { defaultReadLimits, type ReadLimits } from "../../resources/read/read-limits.ts";
import { readResources, type ResourceSource } from "../../resources/read/read-resources.ts";
import { contentOf, readSource, type ReadSource } from "../read-source.ts";
import { documentsNow, type KnownFile } from "./known-documents.ts";

/**
 * Reads files, and of a file that it has read before only the documents that have changed: their objects are new ones, all
 * others the same as before.
 */
export class FileReader {
  readonly #limits: ReadLimits;
  readonly #known = new Map<string, KnownFile>();

  constructor(limits: ReadLimits = defaultReadLimits) {
    this.#limits = limits;
  }

  /**
   * Never throws because of the content.
   *
   * @param source its bytes are kept until the file is read again
   */
  read(source: ResourceSource): ReadSource {
    const { name } = source;
    const file = this.#documents(source);
    if (file === undefined) {
      this.forget(name);
      return readSource(source, this.#limits);
    }
    this.#known.set(name, file);
    const problems: ResourceProblem[] = [];
    for (const { result, line } of file.documents)
      for (const problem of result.problems) problems.push(movedDown(problem, line));
    const content = contentOf(file.documents.map(({ result }) => result));
    return { content, problems: this.#told(problems) };
  }

  /** The file is gone. */
  forget(name: string): void {
    this.#known.delete(name);
  }

  /** Undefined for what is not to be taken apart, or is too much: whoever reads it as a whole says what is wrong with it. */
  #documents({ name, content }: ResourceSource): KnownFile | undefined {
    const { fileBytesMax, documentsPerFileMax } = this.#limits;
    const bytes = bytesOf(content);
    if (name.toLowerCase().endsWith(".json") || bytes.length > fileBytesMax || !isUtf8(bytes))
      return undefined;
    return documentsNow(bytes, this.#known.get(name), {
      read: (text) => readResources({ name, content: text }, this.#limits),
      documentsMax: documentsPerFileMax,
    });
  }

  #told(problems: readonly ResourceProblem[]): string[] {
    const max = this.#limits.problemsPerFileMax;
    const lines = problems.slice(0, max).map(formatResourceProblem);
    if (problems.length > max) lines.push(`${problems.length - max} more problems are not told`);
    return lines;
  }
}

function bytesOf(content: string | Uint8Array): Buffer {
  if (typeof content === "string") return Buffer.from(content);
  return Buffer.from(content.buffer, content.byteOffset, content.byteLength);
}

function movedDown(problem: ResourceProblem, lines: number): ResourceProblem {
  const { place } = problem;
  if (place === null || lines === 0) return problem;
  return { ...problem, place: { ...place, line: place.line + lines } };
}
