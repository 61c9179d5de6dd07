/** The middle value, or the mean of the two middle ones. NaN for an empty list. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle]!;
  return sorted.length === 0 ? Number.NaN : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Values that become quantiles; the resolution is one unit, larger values share the last place. */
export class Quantiles {
  readonly #counts: Uint32Array;
  #total = 0;

  constructor(max: number) {
    this.#counts = new Uint32Array(max + 1);
  }

  get total(): number {
    return this.#total;
  }

  add(value: number): void {
    const at = Math.min(this.#counts.length - 1, Math.max(0, Math.round(value)));
    this.#counts[at]! += 1;
    this.#total += 1;
  }

  /** The smallest value that at least the share `q` of all values does not exceed. */
  at(q: number): number {
    const wanted = Math.ceil(q * this.#total);
    let seen = 0;
    for (let value = 0; value < this.#counts.length; value += 1) {
      seen += this.#counts[value]!;
      if (seen >= wanted) return value;
    }
    return Number.NaN;
  }
}
