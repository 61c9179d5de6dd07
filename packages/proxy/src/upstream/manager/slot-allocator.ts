/** A slot that was given back, and the update that told the workers so. */
interface Retired {
  readonly slot: number;
  readonly sequence: number;
}

/** What a slot must wait for before somebody else gets it. */
export interface SlotReleaseRule {
  /** The sequence that every worker has applied. */
  appliedByAll(): number;
  /** Whether a worker still holds something of the slot: a request, a connection. */
  inUse(slot: number): boolean;
  /** The slot is free now: clears its memory. */
  clear(slot: number): void;
}

/**
 * Hands out numbers of places in shared memory. A place that is given back goes to nobody else before every
 * worker has heard of it and let go of it.
 */
export class SlotAllocator {
  readonly #max: number;
  readonly #rule: SlotReleaseRule;
  readonly #free: number[] = [];
  #retired: Retired[] = [];
  #next = 0;

  constructor(max: number, rule: SlotReleaseRule) {
    this.#max = max;
    this.#rule = rule;
  }

  /** A slot with zeroed memory, or null when all are taken. */
  allocate(): number | null {
    // The sweep costs a look at every retired slot, so it waits until slots run low or enough have gathered.
    if (this.#free.length === 0 && (this.#next >= this.#max || this.#retired.length >= SWEEP_AT))
      this.#sweep();
    return this.#free.pop() ?? (this.#next < this.#max ? this.#next++ : null);
  }

  /** `sequence` is that of the update that takes the slot from the workers. */
  release(slot: number, sequence: number): void {
    this.#retired.push({ slot, sequence });
  }

  /** Slots below this have been handed out at some time. */
  get used(): number {
    return this.#next;
  }

  #sweep(): void {
    const applied = this.#rule.appliedByAll();
    this.#retired = this.#retired.filter(({ slot, sequence }) => {
      if (sequence > applied || this.#rule.inUse(slot)) return true;
      this.#rule.clear(slot);
      this.#free.push(slot);
      return false;
    });
  }
}

const SWEEP_AT = 64;
