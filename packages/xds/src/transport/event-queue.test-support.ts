/** What was told to a test, in order, for a test that waits for it. */
export class EventQueue<T> {
  readonly #told: T[] = [];
  #wait: ((value: T) => void) | null = null;

  push(value: T): void {
    const wait = this.#wait;
    this.#wait = null;
    if (wait === null) this.#told.push(value);
    else wait(value);
  }

  next(): Promise<T> {
    const [value] = this.#told.splice(0, 1);
    return value === undefined
      ? new Promise((resolve) => (this.#wait = resolve))
      : Promise.resolve(value);
  }
}
