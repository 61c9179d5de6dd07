import type { Hash64 } from "../../base/hash64.ts";
import type { Host } from "../host.ts";

/** Where each hash goes, for one set of hosts. Immutable. */
export interface HashTable {
  /** `attempt` counts from 0: a later one looks elsewhere. Null when there are no hosts. */
  choose(hash: Hash64, attempt: number): Host | null;
}

/** Makes a table in steps, so that a large one does not hold up its thread. */
export interface HashTableBuilder {
  /** Does about so many units of work, each a fraction of a microsecond; the table once it is complete, else null. */
  step(units: number): HashTable | null;
}

/** The table for no hosts. */
export const EMPTY_TABLE: HashTable = { choose: () => null };
