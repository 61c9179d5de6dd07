/** What was replaced or removed, as long as a worker has connections of it. */
interface Draining {
  readonly listeners: number;
  readonly chains: number;
  /** `addressKey`s of a listener's sockets. */
  readonly addresses: readonly string[];
  /** Workers that have not said that it is gone. */
  readonly left: Set<number>;
}

/** What drains, by the generation that took its place, or the number of its removal. */
export class DrainingListeners {
  readonly #workers: number;
  readonly #byGeneration = new Map<number, Draining>();

  constructor(workers: number) {
    this.#workers = workers;
  }

  /** Listeners that drain as a whole. */
  get listeners(): number {
    return this.#sum("listeners");
  }

  /** Filter chains that drain, of listeners that go on. */
  get chains(): number {
    return this.#sum("chains");
  }

  add(generation: number, what: Pick<Draining, "listeners" | "chains" | "addresses">): void {
    const left = new Set(Array.from({ length: this.#workers }, (_, id) => id));
    this.#byGeneration.set(generation, { ...what, left });
  }

  /** It came to nothing. */
  forget(generation: number): void {
    this.#byGeneration.delete(generation);
  }

  /** Nothing of it is left on that worker. */
  onDrained(generation: number, workerId: number): void {
    const draining = this.#byGeneration.get(generation);
    draining?.left.delete(workerId);
    if (draining?.left.size === 0) this.#byGeneration.delete(generation);
  }

  onWorkerDeath(workerId: number): void {
    for (const generation of this.#byGeneration.keys()) this.onDrained(generation, workerId);
  }

  /** Whether a worker may have a socket there still, until it gets to hear of the end. */
  hasAddress(key: string): boolean {
    return [...this.#byGeneration.values()].some(({ addresses }) => addresses.includes(key));
  }

  #sum(what: "listeners" | "chains"): number {
    let sum = 0;
    for (const draining of this.#byGeneration.values()) sum += draining[what];
    return sum;
  }
}
