import { Cells, type Reader } from "./cells.ts";
import { sameData } from "./same-data.ts";

/** How a computation gets at what it needs: whatever it reads has it computed again when that changes. */
export interface Read {
  one<V>(cells: Cells<V>, key: string): V | undefined;
}

/** Hears of a computation that threw: a defect of ours. */
export type OnDefect = (stage: string, key: string, error: unknown) => void;

export interface StageOptions<V> {
  readonly name: string;
  /** Undefined: there is nothing of this key. Reads stages before its own only. */
  readonly compute: (key: string, read: Read) => V | undefined;
}

/**
 * A value for each key, computed from cells before it. A key is computed again when something that it read has changed;
 * when the result is equal to the one before, nobody behind it hears of it.
 */
export class Stage<V> extends Cells<V> {
  readonly #options: StageOptions<V>;
  readonly #units = new Map<string, Unit>();
  readonly #dirty = new Set<Unit>();
  /** How many keys were computed, since the beginning. */
  computed = 0;

  constructor(options: StageOptions<V>) {
    super(options.name);
    this.#options = options;
  }

  /** There is a value for each key that these cells have, or another source that is given. */
  forEach<S>(source: Cells<S>): this {
    source.onChange((key, value, before) => {
      if (value === undefined) this.#remove(key);
      else if (before === undefined) this.#add(key);
    });
    return this;
  }

  /**
   * Computes what has to be computed again.
   *
   * @param onDefect with it, a key whose computation throws keeps what it had; without, the error goes on
   */
  run(onDefect?: OnDefect): void {
    for (const unit of this.#dirty) {
      this.#dirty.delete(unit);
      this.#compute(unit, onDefect);
    }
  }

  get isSettled(): boolean {
    return this.#dirty.size === 0;
  }

  #add(key: string): void {
    const known = this.#units.get(key);
    if (known !== undefined) {
      known.sources += 1;
      return;
    }
    const unit = new Unit(key, this.#dirty);
    this.#units.set(key, unit);
    unit.invalidate();
  }

  #remove(key: string): void {
    const unit = this.#units.get(key);
    if (unit === undefined) return;
    unit.sources -= 1;
    if (unit.sources > 0) return;
    unit.forget();
    this.#units.delete(key);
    this.#dirty.delete(unit);
    this.put(key, undefined);
  }

  #compute(unit: Unit, onDefect: OnDefect | undefined): void {
    const { key } = unit;
    this.computed += 1;
    unit.forget();
    let value: V | undefined;
    try {
      value = this.#options.compute(key, unit);
    } catch (error) {
      if (onDefect === undefined) throw error;
      onDefect(this.name, key, error);
      return;
    }
    if (!sameData(this.peek(key), value)) this.put(key, value);
  }
}

/** Cells of any values. */
type Readable = Pick<Cells<never>, "unsubscribe">;

/** One key of a stage, and what it has read. */
class Unit implements Reader, Read {
  readonly key: string;
  /** How many sources have the key. */
  sources = 1;
  readonly #dirty: Set<Unit>;
  readonly #read = new Map<Readable, Set<string>>();

  constructor(key: string, dirty: Set<Unit>) {
    this.key = key;
    this.#dirty = dirty;
  }

  one<V>(cells: Cells<V>, key: string): V | undefined {
    let keys = this.#read.get(cells);
    if (keys === undefined) this.#read.set(cells, (keys = new Set()));
    if (!keys.has(key)) {
      keys.add(key);
      cells.subscribe(key, this);
    }
    return cells.peek(key);
  }

  invalidate(): void {
    this.#dirty.add(this);
  }

  forget(): void {
    for (const [cells, keys] of this.#read) for (const key of keys) cells.unsubscribe(key, this);
    this.#read.clear();
  }
}
