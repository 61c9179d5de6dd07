/** RFC 7541 4.1: what an entry costs beside its text. */
export const ENTRY_OVERHEAD_BYTES = 32;

const FIRST_CAPACITY = 16;

/**
 * The dynamic table of a decoder: a ring that grows with what the table really holds. Strings are entries' own, so a field
 * that is referenced costs no allocation.
 */
export class DecoderTable {
  names: string[] = [];
  values: string[] = [];
  /** The classifier's answers. */
  facts: number[] = [];
  /** Entries there are. */
  count = 0;
  sizeBytes = 0;
  limitBytes: number;
  /** Length of the ring less one; the length is a power of two. */
  #mask = -1;
  /** Where the newest entry is. */
  #head = -1;

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
  }

  /** The place of an entry in `names`, `values` and `facts`; `age` 0 is the newest one, below `count`. */
  place(age: number): number {
    return (this.#head - age) & this.#mask;
  }

  /** RFC 7541 4.4. An entry that is larger than the table empties it. */
  add(name: string, value: string, facts: number): void {
    const bytes = name.length + value.length + ENTRY_OVERHEAD_BYTES;
    this.#evictTo(this.limitBytes - bytes);
    if (bytes > this.limitBytes) return;
    if (this.count > this.#mask) this.#grow();
    const head = (this.#head + 1) & this.#mask;
    this.#head = head;
    this.names[head] = name;
    this.values[head] = value;
    this.facts[head] = facts;
    this.count++;
    this.sizeBytes += bytes;
  }

  /** RFC 7541 4.3. */
  resize(limitBytes: number): void {
    this.limitBytes = limitBytes;
    this.#evictTo(limitBytes);
  }

  #evictTo(bytes: number): void {
    while (this.count > 0 && this.sizeBytes > bytes) {
      const last = this.place(--this.count);
      this.sizeBytes -= this.names[last]!.length + this.values[last]!.length + ENTRY_OVERHEAD_BYTES;
      // Not to keep the text alive until the place is used again.
      this.names[last] = "";
      this.values[last] = "";
    }
  }

  /** Doubles the ring; the oldest entry moves to its beginning. */
  #grow(): void {
    const capacity = Math.max(FIRST_CAPACITY, (this.#mask + 1) * 2);
    const names: string[] = Array.from({ length: capacity }, () => "");
    const values: string[] = names.slice();
    const facts: number[] = Array.from({ length: capacity }, () => 0);
    for (let to = 0; to < this.count; to++) {
      const from = this.place(this.count - 1 - to);
      names[to] = this.names[from]!;
      values[to] = this.values[from]!;
      facts[to] = this.facts[from]!;
    }
    this.names = names;
    this.values = values;
    this.facts = facts;
    this.#head = this.count - 1;
    this.#mask = capacity - 1;
  }
}
