/** Steps in which the way of the output is remembered: the limit may be passed by this part of it before that is certain. */
const STEPS = 16;
const PLACES = STEPS + 2;

/**
 * Counts frames of one sort that the socket has not taken yet. Nobody tells which frame a socket has taken, only how many
 * bytes wait; so the place in the output is noted every few frames, and looked at when the count reaches its limit.
 */
export class OutboundMeter {
  readonly #limit: number;
  readonly #step: number;
  /** Where in the output each of the last steps ended, oldest first, in a ring. */
  #places: Float64Array | null = null;
  #first = 0;
  #steps = 0;
  #sinceStep = 0;

  constructor(limit: number) {
    this.#limit = limit;
    this.#step = Math.max(1, Math.ceil(limit / STEPS));
  }

  /** At most this many frames wait; fewer by less than a step when some of the oldest step were taken. */
  get #waiting(): number {
    return this.#steps * this.#step + this.#sinceStep;
  }

  /**
   * A frame was written, which ends at `writtenBytes` of the output. True when the limit may be passed: ask the socket,
   * and call `take`.
   */
  add(writtenBytes: number): boolean {
    if (++this.#sinceStep === this.#step) {
      // With the ring full the limit was passed long ago, and nobody ended the connection.
      if (this.#steps === PLACES) this.#drop();
      // Most connections never get here.
      this.#places ??= new Float64Array(PLACES);
      this.#places[(this.#first + this.#steps) % PLACES] = writtenBytes;
      this.#steps++;
      this.#sinceStep = 0;
    }
    return this.#waiting > this.#limit;
  }

  /** The socket has taken the output up to `takenBytes`; `all` of it. True when certainly more than the limit waits. */
  take(takenBytes: number, all: boolean): boolean {
    if (all) {
      this.#steps = 0;
      this.#sinceStep = 0;
      return false;
    }
    while (this.#steps > 0 && this.#places![this.#first]! <= takenBytes) this.#drop();
    return this.#waiting - this.#step + 1 > this.#limit;
  }

  #drop(): void {
    this.#first = (this.#first + 1) % PLACES;
    this.#steps--;
  }
}
