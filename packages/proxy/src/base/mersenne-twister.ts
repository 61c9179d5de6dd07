const SIZE = 624;
const MIDDLE = 397;

/** MT19937 of Matsumoto and Nishimura: the same numbers for the same seed as C++'s `std::mt19937`. */
export class MersenneTwister {
  readonly #state = new Uint32Array(SIZE);
  #at = SIZE;

  /** The lower 32 bits count. */
  seed(seed: number): void {
    const state = this.#state;
    state[0] = seed;
    for (let i = 1; i < SIZE; i++) {
      const before = state[i - 1]!;
      state[i] = Math.imul(before ^ (before >>> 30), 1_812_433_253) + i;
    }
    this.#at = SIZE;
  }

  /** From 0 to 2^32 - 1. */
  next(): number {
    if (this.#at === SIZE) this.#twist();
    let value = this.#state[this.#at++]!;
    value ^= value >>> 11;
    value ^= (value << 7) & 0x9d2c_5680;
    value ^= (value << 15) & 0xefc6_0000;
    return (value ^ (value >>> 18)) >>> 0;
  }

  /** Uniform from 0 to below `limit`, by equal parts of the range; numbers beyond the last part are drawn again. */
  below(limit: number): number {
    const part = Math.floor(2 ** 32 / limit);
    let value = limit;
    while (value >= limit) value = Math.floor(this.next() / part);
    return value;
  }

  #twist(): void {
    const state = this.#state;
    for (let i = 0; i < SIZE; i++) {
      const bits = (state[i]! & 0x8000_0000) | (state[(i + 1) % SIZE]! & 0x7fff_ffff);
      const mixed = state[(i + MIDDLE) % SIZE]! ^ (bits >>> 1);
      state[i] = (bits & 1) === 0 ? mixed : mixed ^ 0x9908_b0df;
    }
    this.#at = 0;
  }
}
