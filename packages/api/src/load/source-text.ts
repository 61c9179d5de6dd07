import type { Place } from "../problems.ts";

/** A configuration text with its name; turns offsets into lines and columns. */
export class SourceText {
  readonly name: string;
  readonly text: string;
  #lineStarts: number[] | undefined;

  /** @param name what errors show: a file name, or `--config-yaml` */
  constructor(name: string, text: string) {
    this.name = name;
    this.text = text;
  }

  /** The line and column, from 1, of an offset in UTF-16 units. */
  placeOf(offset: number): Place {
    const starts = (this.#lineStarts ??= lineStartsOf(this.text));
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { file: this.name, line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  }
}

function lineStartsOf(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}
