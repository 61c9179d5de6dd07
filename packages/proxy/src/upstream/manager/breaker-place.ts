import type { Retired, SlotAllocator } from "./slot-allocator.ts";

/** The place of a cluster in the breaker memory. A cluster and what takes its place share it, so that counts go on. */
export class BreakerPlace {
  readonly slot: number;
  readonly #slots: SlotAllocator;
  #users = 1;
  #retired: Retired | null = null;

  private constructor(slot: number, slots: SlotAllocator) {
    this.slot = slot;
    this.#slots = slots;
  }

  /** Null when there is no place left. */
  static allocate(slots: SlotAllocator): BreakerPlace | null {
    const slot = slots.allocate();
    return slot === null ? null : new BreakerPlace(slot, slots);
  }

  /** For another user of the same place. */
  share(): BreakerPlace {
    this.#users++;
    return this;
  }

  /** `sequence` is that of the update that takes the cluster from the workers. */
  release(sequence: number): void {
    this.#users--;
    if (this.#users === 0) this.#retired = this.#slots.release(this.slot, sequence);
  }

  /** Nobody uses it, and no worker has a request or connection of it any more. */
  get over(): boolean {
    return this.#retired !== null && this.#slots.isOver(this.#retired);
  }
}
