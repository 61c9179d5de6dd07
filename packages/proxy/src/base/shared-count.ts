/** Memory for a count over `workers` workers. Int32: the count of all, then each worker's share of it. */
export function sharedCountMemory(workers: number): SharedArrayBuffer {
  return new SharedArrayBuffer((1 + workers) * Int32Array.BYTES_PER_ELEMENT);
}

/** What all workers hold together of something, so that a limit can hold for the sum. */
export class SharedCount {
  readonly #cells: Int32Array;
  readonly #own: number;

  constructor(memory: SharedArrayBuffer, workerId: number) {
    this.#cells = new Int32Array(memory);
    this.#own = 1 + workerId;
    // A predecessor of this worker may have died while it held some.
    Atomics.sub(this.#cells, 0, Atomics.exchange(this.#cells, this.#own, 0));
  }

  /** Takes one; false when there are `max` already. */
  tryAcquire(max: number): boolean {
    if (Atomics.add(this.#cells, 0, 1) >= max) {
      Atomics.sub(this.#cells, 0, 1);
      return false;
    }
    Atomics.add(this.#cells, this.#own, 1);
    return true;
  }

  release(): void {
    Atomics.sub(this.#cells, 0, 1);
    Atomics.sub(this.#cells, this.#own, 1);
  }
}
