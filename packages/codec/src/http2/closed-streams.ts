const ENDED_KEPT = 64;
const RESET_KEPT = 1024;

/**
 * Remembers how the last streams ended. The peer may not know yet of a stream that we reset, so what it still sends there is
 * dropped; on a stream that it ended itself, more frames are an error (RFC 9113 5.1).
 */
export class ClosedStreams {
  readonly #ended: number[] = [];
  #endedAt = 0;
  #reset: Int32Array | null = null;
  #resetAt = 0;

  /** The peer ended the stream: by END_STREAM, when our half had ended too, or by RST_STREAM. */
  noteEnded(id: number): void {
    this.#ended[this.#endedAt++ & (ENDED_KEPT - 1)] = id;
  }

  /** We sent RST_STREAM. */
  noteReset(id: number): void {
    this.#reset ??= new Int32Array(RESET_KEPT);
    this.#reset[this.#resetAt++ & (RESET_KEPT - 1)] = id;
  }

  endedByPeer(id: number): boolean {
    return this.#ended.includes(id);
  }

  /** Also true when so many were reset that it may be one of those that were forgotten. */
  mayBeResetByUs(id: number): boolean {
    return this.#reset !== null && (this.#resetAt > RESET_KEPT || this.#reset.includes(id));
  }
}
