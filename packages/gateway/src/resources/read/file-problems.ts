import type { SourceText } from "@nuncio/api";
import { formatPath } from "../problem.ts";
import type { FieldPath, ObjectName, ResourceProblem } from "../problem.ts";

/** Collects the problems of one file, up to a number. */
export class FileProblems {
  readonly list: ResourceProblem[] = [];
  readonly #text: SourceText;
  readonly #max: number;

  constructor(text: SourceText, max: number) {
    this.#text = text;
    this.#max = max;
  }

  /** @param at gives the offset in the text; it is not asked when nobody is told any more */
  add(
    severity: "error" | "warning",
    at: () => number,
    object: ObjectName | null,
    path: FieldPath,
    message: string,
  ): void {
    if (this.list.length > this.#max) return;
    const place = this.#text.placeOf(at());
    if (this.list.length < this.#max) {
      this.list.push({ severity, place, object, path: formatPath(path), message });
      return;
    }
    const rest = `more than ${this.#max} problems, the others are not told`;
    this.list.push({ severity: "error", place, object: null, path: "", message: rest });
  }
}
