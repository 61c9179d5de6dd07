/** Numbers by chance that are the same for the same seed (a xorshift of 32 bits). */
export class Random {
  #state: number;

  constructor(seed: number) {
    // Near seeds must not give near sequences, and zero would stay zero.
    this.#state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) | 1;
    for (let i = 0; i < 8; i++) this.bits();
  }

  /** 32 bits, as an unsigned integer. */
  bits(): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state;
    return state >>> 0;
  }

  /** From 0 to `below`, which is not reached. */
  below(below: number): number {
    return this.bits() % below;
  }

  /** Yes once in `times`. */
  oneIn(times: number): boolean {
    return this.below(times) === 0;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }
}
