import type { CodecStream } from "./codec-stream.ts";

const SLOTS_MIN = 16;

/**
 * The open streams of a connection by id. Ids of one side go up by two, so their places in a small array hardly ever collide,
 * and a stream comes and goes without memory, which it would not in a `Map`.
 */
export class StreamTable {
  size = 0;
  #slots: (CodecStream | null)[] = slots(SLOTS_MIN);

  get(id: number): CodecStream | null {
    const all = this.#slots;
    const mask = all.length - 1;
    for (let slot = (id >> 1) & mask; ; slot = (slot + 1) & mask) {
      const stream = all[slot]!;
      if (stream === null || stream.id === id) return stream;
    }
  }

  /** The stream has its id, which no other has. */
  add(stream: CodecStream): void {
    if (++this.size * 2 > this.#slots.length) this.#grow();
    this.#put(stream);
  }

  /** Does nothing when the stream is not there. */
  remove(stream: CodecStream): void {
    const all = this.#slots;
    const mask = all.length - 1;
    let hole = (stream.id >> 1) & mask;
    while (all[hole] !== stream) {
      if (all[hole] === null) return;
      hole = (hole + 1) & mask;
    }
    this.size--;
    all[hole] = null;
    // Those behind it that had to go on from their own place move up, so that no search ends at the hole.
    for (let slot = (hole + 1) & mask; all[slot] !== null; slot = (slot + 1) & mask) {
      const home = (all[slot]!.id >> 1) & mask;
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
      all[hole] = all[slot]!;
      all[slot] = null;
      hole = slot;
    }
  }

  /** The streams at this moment: they may go while the list is walked through. */
  list(): CodecStream[] {
    return this.#slots.filter((stream) => stream !== null);
  }

  #put(stream: CodecStream): void {
    const all = this.#slots;
    const mask = all.length - 1;
    let slot = (stream.id >> 1) & mask;
    while (all[slot] !== null) slot = (slot + 1) & mask;
    all[slot] = stream;
  }

  #grow(): void {
    const before = this.list();
    this.#slots = slots(this.#slots.length * 2);
    for (const stream of before) this.#put(stream);
  }
}

function slots(count: number): null[] {
  return Array.from({ length: count }, () => null);
}
