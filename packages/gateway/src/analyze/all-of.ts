import type { Cells } from "../incremental/cells.ts";

/** All objects of a table of the store. */
export function allOf<T>(table: Pick<Cells<T>, "entries">): readonly T[] {
  return Array.from(table.entries(), ([, object]) => object);
}
