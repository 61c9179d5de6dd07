/** A slot that was given back, and the update that told the workers so. */
export interface Retired {
  readonly slot: number;
  readonly sequence: number;
  /** It is free again, or somebody else's. */
  free: boolean;
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
  #sweepAt = SWEEP_AT;
  #next = 0;

  constructor(max: number, rule: SlotReleaseRule) {
    this.#max = max;
    this.#rule = rule;
  }

  /** A slot with zeroed memory, or null when all are taken. */
  allocate(): number | null {
    // The sweep costs a look at every retired slot, so it waits until slots run low or enough have gathered.
    if (
      this.#free.length === 0 &&
      (this.#next >= this.#max || this.#retired.length >= this.#sweepAt)
    )
      this.#sweep();
    return this.#free.pop() ?? (this.#next < this.#max ? this.#next++ : null);
  }

  /** `sequence` is that of the update that takes the slot from the workers. */
  release(slot: number, sequence: number): Retired {
    const retired = { slot, sequence, free: false };
    this.#retired.push(retired);
    return retired;
  }

  /** Whether the workers have let go of a slot that was given back. */
  isOver({ slot, sequence, free }: Retired): boolean {
    return free || (sequence <= this.#rule.appliedByAll() && !this.#rule.inUse(slot));
  }

  /** Slots below this have been handed out at some time. */
  get used(): number {
    return this.#next;
  }

  #sweep(): void {
    const applied = this.#rule.appliedByAll();
    this.#retired = this.#retired.filter((retired) => {
      const { slot, sequence } = retired;
      if (sequence > applied || this.#rule.inUse(slot)) return true;
      this.#rule.clear(slot);
      retired.free = true;
      this.#free.push(slot);
      return false;
    });
    // Those that stay are long lived: looking at all of them for each new slot would be one look too many.
    this.#sweepAt = SWEEP_AT + 2 * this.#retired.length;
  }
}

const SWEEP_AT = 64;
