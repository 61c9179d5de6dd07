import { ENTRY_OVERHEAD_BYTES } from "./decoder-table.ts";
import { STATIC_ENTRIES } from "./static-table.ts";

/** How many values of one name are looked through. Older ones stay in the table and are not found. */
const VALUES_PER_NAME = 8;
/** Evicted places at the beginning of the list of entries, before it is moved. */
const EVICTED_BEFORE_MOVE = 64;

/** What the peer has in its table. */
export interface TableEntry {
  readonly name: string;
  readonly value: string;
  /** How many entries were added before it. */
  readonly number: number;
}

/**
 * The dynamic table of an encoder: which entries the peer has, and where. Found by name first; a proxy's fields have few
 * values per name, and comparing texts is cheaper than hashing them.
 */
export class EncoderTable {
  sizeBytes = 0;
  limitBytes: number;
  /** By name the entries that are looked through, oldest first; never an empty list. */
  readonly #names = new Map<string, TableEntry[]>();
  /** All entries, oldest first, from `#first` on. */
  readonly #entries: TableEntry[] = [];
  #first = 0;
  #added = 0;

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
  }

  /** The entries of a name, oldest first; undefined when there are none. */
  find(name: string): readonly TableEntry[] | undefined {
    return this.#names.get(name);
  }

  /** The entry's index on the wire. */
  indexOf(entry: TableEntry): number {
    return STATIC_ENTRIES + this.#added - entry.number;
  }

  /** Bytes that an entry takes (RFC 7541 4.1). */
  static entryBytes(name: string, value: string): number {
    return name.length + value.length + ENTRY_OVERHEAD_BYTES;
  }

  /** Adds an entry that fits into an empty table; others are evicted for it. The texts are kept. */
  add(name: string, value: string): void {
    const bytes = EncoderTable.entryBytes(name, value);
    this.#evictTo(this.limitBytes - bytes);
    const entry = { name, value, number: this.#added++ };
    this.#entries.push(entry);
    this.sizeBytes += bytes;
    const entries = this.#names.get(name);
    if (entries === undefined) this.#names.set(name, [entry]);
    else {
      if (entries.length === VALUES_PER_NAME) entries.shift();
      entries.push(entry);
    }
  }

  resize(limitBytes: number): void {
    this.limitBytes = limitBytes;
    this.#evictTo(limitBytes);
  }

  #evictTo(bytes: number): void {
    while (this.sizeBytes > bytes) {
      const entry = this.#entries[this.#first++]!;
      this.sizeBytes -= EncoderTable.entryBytes(entry.name, entry.value);
      const entries = this.#names.get(entry.name);
      if (entries?.[0] !== entry) continue;
      if (entries.length === 1) this.#names.delete(entry.name);
      else entries.shift();
    }
    if (this.#first === this.#entries.length || this.#first >= EVICTED_BEFORE_MOVE) {
      this.#entries.splice(0, this.#first);
      this.#first = 0;
    }
  }
}
