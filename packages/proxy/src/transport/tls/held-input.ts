/** What TLS decrypted while nobody wanted to read: records, and the end that may come behind them. */
export class HeldInput {
  readonly #pieces: Buffer[] = [];
  #first = 0;
  #end = 0;

  /** `count` bytes of `buffer`, copied; or, when negative, the end or error that reading came to. */
  add(buffer: Buffer, count: number): void {
    if (count > 0) this.#pieces.push(Buffer.from(buffer.subarray(0, count)));
    else if (count < 0 && this.#end === 0) this.#end = count;
  }

  /** Moves the next piece into `buffer` and gives its length, or the end; 0 when nothing is left. */
  take(buffer: Buffer): number {
    if (this.#first === this.#pieces.length) {
      const end = this.#end;
      this.#end = 0;
      return end;
    }
    return this.#pieces[this.#first++]!.copy(buffer);
  }
}
