import { oneLine, statusLines, type ObjectStatus, type StatusLines } from "@nuncio/gateway";
import { painter } from "../painter.ts";

/** So many objects that change at once are told of one by one; of more only those with something wrong. */
const OBJECTS_MAX = 20;

/** Prints what becomes of objects: a line each, and one more for whatever is wrong. */
export class StatusPrinter {
  readonly #paint = painter();
  readonly #before = new Map<string, string>();

  /** @param unclaimed why nobody here has to do with objects that have no status */
  print(
    changed: ReadonlyMap<string, ObjectStatus | undefined>,
    unclaimed: ReadonlyMap<string, string>,
  ): void {
    this.#printUnclaimed(unclaimed);
    const news = Array.from(changed, ([key, status]) => ({
      key,
      lines: status === undefined ? undefined : statusLines(status),
    })).filter(({ key, lines }) => this.#isNew(key, lines) && !unclaimed.has(key));
    const isMany = news.length > OBJECTS_MAX;
    const told = news.filter(({ lines }) => !isMany || lines?.bad.length !== 0);
    for (const { key, lines } of told) this.#tell(key, lines);
    const untold = news.length - told.length;
    if (untold > 0) write(`${untold} objects more, with nothing wrong`);
  }

  #printUnclaimed(unclaimed: ReadonlyMap<string, string>): void {
    for (const [key, why] of [...unclaimed].slice(0, OBJECTS_MAX)) {
      write(`${this.#paint("bold", key.replace("/", " "))}: nobody here has to do with it`);
      write(`  ${this.#paint("red", oneLine(why))}`);
    }
    const untold = unclaimed.size - OBJECTS_MAX;
    if (untold > 0) write(`${untold} objects more that nobody here has to do with`);
  }

  #isNew(key: string, lines: StatusLines | undefined): boolean {
    const text = lines === undefined ? "" : [...lines.good, ...lines.bad].join("\n");
    if ((this.#before.get(key) ?? "") === text) return false;
    if (text === "") this.#before.delete(key);
    else this.#before.set(key, text);
    return true;
  }

  #tell(key: string, lines: StatusLines | undefined): void {
    const object = this.#paint("bold", lines?.object ?? key.replace("/", " "));
    const [summary] = lines === undefined ? ["gone"] : lines.good;
    write(summary === undefined ? object : `${object}: ${summary}`);
    for (const bad of lines?.bad ?? []) write(`  ${this.#paint("red", bad)}`);
  }
}

function write(line: string): void {
  process.stdout.write(`${line}\n`);
}
