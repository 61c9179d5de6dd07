/** Is told that something it read is another one now. */
export interface Reader {
  invalidate(): void;
}

/** Is told that a key has another value, or none (undefined). */
export type OnChange<V> = (key: string, value: V | undefined, before: V | undefined) => void;

/**
 * Values by key, and who has read which of them. What reads a key that is not there is told when it comes.
 */
export abstract class Cells<V> {
  /** For errors and counters: `http-routes`. */
  readonly name: string;
  readonly #values = new Map<string, V>();
  readonly #readers = new Map<string, Set<Reader>>();
  readonly #listeners: OnChange<V>[] = [];

  constructor(name: string) {
    this.name = name;
  }

  /** Reads without being told of changes. */
  peek(key: string): V | undefined {
    return this.#values.get(key);
  }

  get size(): number {
    return this.#values.size;
  }

  entries(): IterableIterator<[string, V]> {
    return this.#values.entries();
  }

  values(): IterableIterator<V> {
    return this.#values.values();
  }

  /** Called on each change, at once; and for what is there already. */
  onChange(listener: OnChange<V>): void {
    this.#listeners.push(listener);
    for (const [key, value] of this.#values) listener(key, value, undefined);
  }

  /** The reader wants to know when the key has another value. */
  subscribe(key: string, reader: Reader): void {
    let readers = this.#readers.get(key);
    if (readers === undefined) this.#readers.set(key, (readers = new Set()));
    readers.add(reader);
  }

  unsubscribe(key: string, reader: Reader): void {
    const readers = this.#readers.get(key);
    if (readers?.delete(reader) === true && readers.size === 0) this.#readers.delete(key);
  }

  /** Puts a value in place and tells everybody; undefined takes it away. */
  protected put(key: string, value: V | undefined): void {
    const before = this.#values.get(key);
    if (value === undefined) {
      if (!this.#values.delete(key)) return;
    } else {
      this.#values.set(key, value);
    }
    for (const listener of this.#listeners) listener(key, value, before);
    for (const reader of this.#readers.get(key) ?? []) reader.invalidate();
  }
}
