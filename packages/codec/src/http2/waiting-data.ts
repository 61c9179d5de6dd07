/** The largest buffer for pieces that are smaller. */
const SHARED_BYTES = 16_384;

/** Data of one stream that wait for a window, in as few buffers as that takes: a small piece costs no more than its octets. */
export class WaitingData {
  /** Octets that wait. */
  bytes = 0;
  readonly #buffers: Buffer[] = [];
  /** Of the first buffer, the octets that were taken. */
  #taken = 0;
  /** Of the last one, the octets that are free. */
  #room = 0;

  /** Copies `data` behind what waits. */
  add(data: Buffer): void {
    const fitting = Math.min(data.length, this.#room);
    if (fitting > 0) {
      const last = this.#buffers.at(-1)!;
      data.copy(last, last.length - this.#room, 0, fitting);
      this.#room -= fitting;
    }
    const rest = data.length - fitting;
    if (rest > 0) {
      const buffer = Buffer.allocUnsafeSlow(Math.max(rest, Math.min(this.bytes, SHARED_BYTES)));
      data.copy(buffer, 0, fitting);
      this.#room = buffer.length - rest;
      this.#buffers.push(buffer);
    }
    this.bytes += data.length;
  }

  /** Takes the octets at the front, as many of `maxBytes` as lie in one buffer. Something must wait. */
  take(maxBytes: number): Buffer {
    const first = this.#buffers[0]!;
    const start = this.#taken;
    const filled = this.#buffers.length === 1 ? first.length - this.#room : first.length;
    const end = Math.min(filled, start + maxBytes);
    this.bytes -= end - start;
    if (end < filled) {
      this.#taken = end;
    } else {
      this.#buffers.shift();
      this.#taken = 0;
      if (this.#buffers.length === 0) this.#room = 0;
    }
    return start === 0 && end === first.length ? first : first.subarray(start, end);
  }
}
