import type { FractionConfig, RuntimeEntry, RuntimeValues } from "./model.ts";

/** Those whose random number, modulo `denominator`, is below `numerator`. */
export type Share = Pick<FractionConfig, "numerator" | "denominator">;

const NO_VALUES: RuntimeValues = new Map();

/**
 * The runtime as one thread sees it: the values of all layers together. Whoever asks on the path of a request keeps the
 * answer, and looks at `generation` whether it still holds (`RuntimeFraction` and the others do).
 */
export class Runtime {
  /** Grows with each change. */
  generation = 0;
  #values: RuntimeValues;

  constructor(values: RuntimeValues = NO_VALUES) {
    this.#values = values;
  }

  get values(): RuntimeValues {
    return this.#values;
  }

  swap(values: RuntimeValues): void {
    this.#values = values;
    this.generation++;
  }

  /** The empty key has no value. */
  entry(key: string): RuntimeEntry | undefined {
    return key === "" ? undefined : this.#values.get(key);
  }

  /** A whole number, 0 or more; what is no such number leaves it at `otherwise`. */
  integer(key: string, otherwise: number): number {
    return this.entry(key)?.uint ?? otherwise;
  }

  double(key: string, otherwise: number): number {
    return this.entry(key)?.double ?? otherwise;
  }

  boolean(key: string, otherwise: boolean): boolean {
    return this.entry(key)?.bool ?? otherwise;
  }

  /** A share of one: a number of the runtime is a percentage. */
  fraction<Otherwise>(key: string, otherwise: Otherwise): Share | Otherwise {
    const { fraction, uint } = this.entry(key) ?? {};
    if (fraction !== undefined) return fraction;
    return uint === undefined ? otherwise : { numerator: Math.min(uint, 100), denominator: 100 };
  }
}
