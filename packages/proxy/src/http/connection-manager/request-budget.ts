/** Counts the requests that one connection begins in one cycle of the event loop (`maxRequestsPerIoCycle`). */
export class RequestBudget {
  readonly #max: number;
  #begun = 0;
  #readAgain = false;

  constructor(max: number) {
    this.#max = max;
  }

  /** No other request may be begun in this cycle. */
  get exhausted(): boolean {
    return this.#begun >= this.#max;
  }

  /** A read of the socket, to `end` of the buffer. One that fills it is followed by the next without a turn for others. */
  onRead(buffer: Buffer, end: number): void {
    if (!this.#readAgain) this.#begun = 0;
    this.#readAgain = end === buffer.length;
  }

  onRequest(): void {
    this.#begun++;
  }

  /** Others had their turn. */
  renew(): void {
    this.#begun = 0;
  }
}
