import { Cells } from "./cells.ts";
import { sameData } from "./same-data.ts";

/** Where a computation begins: values that are put there from outside. */
export class Table<V> extends Cells<V> {
  /** False when an equal value was there: then nobody is told, and the old one stays. */
  set(key: string, value: V): boolean {
    if (sameData(this.peek(key), value)) return false;
    this.put(key, value);
    return true;
  }

  delete(key: string): boolean {
    if (this.peek(key) === undefined) return false;
    this.put(key, undefined);
    return true;
  }
}
