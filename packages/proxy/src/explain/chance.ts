/**
 * The random numbers with which a stream gets somewhere. A stream draws one whole number, and every share that its
 * route asks for is decided by a remainder of that number: `random % denominator < numerator`, `random % totalWeight`.
 * So shares are not independent of each other, and are counted here instead of multiplied. The numbers are taken for
 * uniform over every remainder; below 2^53 that is true to a billionth.
 */
export class Chance {
  readonly #modulus: number;
  /** By remainder: whether the numbers with it get here. */
  readonly #remainders: Uint8Array;
  readonly #count: number;

  private constructor(modulus: number, remainders: Uint8Array) {
    this.#modulus = modulus;
    this.#remainders = remainders;
    this.#count = remainders.reduce((sum, has) => sum + has, 0);
  }

  /** Every number; `denominators` are those that will be asked for. */
  static all(denominators: readonly number[]): Chance {
    const modulus = denominators.reduce((all, each) => (all / gcd(all, each)) * each, 1);
    return new Chance(modulus, new Uint8Array(modulus).fill(1));
  }

  /** The share of all numbers, 0 to 1. */
  get probability(): number {
    return this.#count / this.#modulus;
  }

  /** Those of these numbers for which `number % denominator < numerator`, and the others. */
  split(
    numerator: number,
    denominator: number,
  ): { readonly held: Chance; readonly others: Chance } {
    const held = new Uint8Array(this.#modulus);
    const others = new Uint8Array(this.#modulus);
    for (let i = 0; i < this.#modulus; i++) {
      if (this.#remainders[i] === 0) continue;
      if (i % denominator < numerator) held[i] = 1;
      else others[i] = 1;
    }
    return { held: new Chance(this.#modulus, held), others: new Chance(this.#modulus, others) };
  }

  /**
   * For each of some weights, the share of all numbers that are among these and choose it by `number % totalWeight`;
   * and one such number, null where there is none.
   */
  choices(
    weights: readonly number[],
  ): readonly { readonly probability: number; readonly example: number | null }[] {
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const step = gcd(this.#modulus, total);
    const classes = new Float64Array(step);
    const examples = new Int32Array(step).fill(-1);
    for (let i = 0; i < this.#modulus; i++) {
      if (this.#remainders[i] === 0) continue;
      classes[i % step]! += 1;
      if (examples[i % step]! < 0) examples[i % step] = i;
    }
    let start = 0;
    return weights.map((weight) => {
      const end = start + weight;
      let count = 0;
      let example: number | null = null;
      for (let k = 0; k < step; k++) {
        const values = countOfClass(start, end, k, step);
        if (values === 0 || classes[k] === 0) continue;
        count += classes[k]! * values;
        example ??= solve(examples[k]!, this.#modulus, firstOfClass(start, k, step), total);
      }
      start = end;
      return { probability: count / (this.#modulus * (total / step)), example };
    });
  }

  has(number: number): boolean {
    return this.#remainders[number % this.#modulus] === 1;
  }

  /** One of these numbers; null when there is none. */
  get example(): number | null {
    const at = this.#remainders.indexOf(1);
    return at < 0 ? null : at;
  }
}

/** The random number in [0, 1) that a stream has to draw for a whole number. */
export function drawOf(number: number): number {
  return number / 2 ** 53;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

/** How many numbers from `start` to below `end` leave the remainder `k`. */
function countOfClass(start: number, end: number, k: number, step: number): number {
  const first = firstOfClass(start, k, step);
  return first >= end ? 0 : Math.floor((end - 1 - first) / step) + 1;
}

function firstOfClass(start: number, k: number, step: number): number {
  return start + ((((k - start) % step) + step) % step);
}

/** A number with remainder `a` by `m` and `b` by `n`, which agree by the greatest common divisor of both. */
function solve(a: number, m: number, b: number, n: number): number {
  const step = BigInt(gcd(m, n));
  const n1 = BigInt(n) / step;
  const steps = (((BigInt(b) - BigInt(a)) / step) * inverse(BigInt(m) / step, n1)) % n1;
  return Number(BigInt(a) + BigInt(m) * ((steps + n1) % n1));
}

/** Of `a` modulo `n`, which have no common divisor. */
function inverse(a: bigint, n: bigint): bigint {
  let [r0, r1] = [n, a % n];
  let [t0, t1] = [0n, 1n];
  while (r1 !== 0n) {
    const quotient = r0 / r1;
    [r0, r1] = [r1, r0 - quotient * r1];
    [t0, t1] = [t1, t0 - quotient * t1];
  }
  return ((t0 % n) + n) % n;
}
