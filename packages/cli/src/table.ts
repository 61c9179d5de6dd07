import type { Paint } from "@nuncio/proxy";
import { painter } from "./painter.ts";

/** So many rows decide how wide the columns are; the others come as they are read. */
const ROWS_TO_MEASURE = 500;
/** Wider cells push the ones behind them. */
const WIDTH_MAX = 80;

/** Rows with aligned columns, written as they come, however many there are. */
export class Table {
  readonly #head: readonly string[];
  readonly #write: (text: string) => void;
  readonly #paint: Paint;
  #waiting: (readonly string[])[] | null = [];
  #widths: readonly number[] = [];

  constructor(head: readonly string[], write: (text: string) => void, paint: Paint) {
    this.#head = head;
    this.#write = write;
    this.#paint = paint;
  }

  add(cells: readonly string[]): void {
    if (this.#waiting === null) {
      this.#write(this.#line(cells));
      return;
    }
    this.#waiting.push(cells);
    if (this.#waiting.length >= ROWS_TO_MEASURE) this.#flush(this.#waiting);
  }

  /** Writes what waits. A table without rows is not there. */
  end(): void {
    if (this.#waiting !== null && this.#waiting.length > 0) this.#flush(this.#waiting);
  }

  #flush(rows: readonly (readonly string[])[]): void {
    this.#waiting = null;
    this.#widths = this.#head.map((title, column) =>
      Math.min(WIDTH_MAX, Math.max(title.length, ...rows.map((row) => row[column]!.length))),
    );
    this.#write(this.#paint("bold", this.#line(this.#head)));
    for (const row of rows) this.#write(this.#line(row));
  }

  #line(cells: readonly string[]): string {
    const padded = cells.map((cell, column) =>
      column === cells.length - 1 ? cell : cell.padEnd(this.#widths[column]!),
    );
    return `${padded.join("  ")}\n`;
  }
}

/** Rows that are all there. */
export function printTable(head: readonly string[], rows: Iterable<readonly string[]>): void {
  const table = new Table(head, (text) => void process.stdout.write(text), painter());
  for (const row of rows) table.add(row);
  table.end();
}
