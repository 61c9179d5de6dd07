/** Requests on their way to a stream that pulls them. */
export class RequestQueue<Request> implements AsyncIterableIterator<Request> {
  readonly #waiting: Request[] = [];
  #pull: ((result: IteratorResult<Request>) => void) | null = null;
  #onPull: (() => void) | null = null;
  #isEnded = false;

  push(request: Request): void {
    if (this.#isEnded) return;
    if (this.#pull === null) {
      this.#waiting.push(request);
      return;
    }
    const pull = this.#pull;
    this.#pull = null;
    pull({ done: false, value: request });
  }

  /** Resolves when fewer than `max` requests wait to be pulled, or the queue has ended. */
  async room(max: number): Promise<void> {
    while (this.#waiting.length >= max && !this.#isEnded) {
      await new Promise<void>((resolve) => {
        this.#onPull = resolve;
      });
    }
  }

  /** What was pushed is still pulled; then the stream is half closed. */
  end(): void {
    this.#isEnded = true;
    this.#onPull?.();
    this.#pull?.({ done: true, value: undefined });
    this.#pull = null;
  }

  next(): Promise<IteratorResult<Request>> {
    const [request] = this.#waiting.splice(0, 1);
    this.#onPull?.();
    if (request !== undefined) return Promise.resolve({ done: false, value: request });
    if (this.#isEnded) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => {
      this.#pull = resolve;
    });
  }

  return(): Promise<IteratorResult<Request>> {
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Connect demands it of what it may have to abort. */
  throw(reason: unknown): Promise<IteratorResult<Request>> {
    this.end();
    return Promise.reject(reason instanceof Error ? reason : new Error(String(reason)));
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
