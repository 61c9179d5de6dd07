import type { HeaderMap } from "@nuncio/codec";

/** A request's body and trailers, kept for the case that the request is sent once more. */
export class ReplayBody {
  readonly #limitBytes: number;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  /** The body is larger than what may be kept: there is nothing to send once more. */
  overflowed = false;
  /** Null before they came. */
  trailers: HeaderMap | null = null;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Copies borrowed data; false when that was too much. */
  add(data: Buffer): boolean {
    if (this.#bytes + data.length > this.#limitBytes) {
      this.overflowed = true;
      this.#chunks.length = 0;
      return false;
    }
    this.#bytes += data.length;
    if (data.length > 0) this.#chunks.push(Buffer.from(data));
    return true;
  }

  /** As they came. */
  get pieces(): readonly Buffer[] {
    return this.#chunks;
  }

  /** Null for an empty body. */
  get data(): Buffer | null {
    return this.#bytes === 0 ? null : Buffer.concat(this.#chunks);
  }
}
