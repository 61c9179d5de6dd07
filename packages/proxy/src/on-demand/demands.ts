import { demandKey, type Demand } from "./model.ts";

/** Who waits for what it demanded. */
export interface DemandWaiter {
  /** It came, and is in use on this worker; or it is known not to be. Called once. */
  onDemandMet(found: boolean): void;
}

/**
 * What a worker's requests and connections wait for. Main is told once, however many do; nothing of this is on the way of
 * a request that finds what it needs.
 */
export class Demands {
  readonly #post: ((demand: Demand) => void) | null;
  readonly #onException: (error: unknown) => void;
  readonly #waiters = new Map<string, Set<DemandWaiter>>();

  /**
   * @param post to main; null where nobody is there to ask, as when a request is only explained
   * @param onException told what a waiter throws; the others are called nevertheless
   */
  constructor(post: ((demand: Demand) => void) | null, onException: (error: unknown) => void) {
    this.#post = post;
    this.#onException = onException;
  }

  /** `waiter` is called later, never from within. False when there is nobody to ask, and it is not. */
  ask(demand: Demand, waiter: DemandWaiter): boolean {
    if (this.#post === null) return false;
    const key = demandKey(demand);
    const waiters = this.#waiters.get(key);
    if (waiters !== undefined) {
      waiters.add(waiter);
      return true;
    }
    this.#waiters.set(key, new Set([waiter]));
    this.#post(demand);
    return true;
  }

  /** The waiter is not called any more. Main's answer still comes, for others or for nobody. */
  giveUp(demand: Demand, waiter: DemandWaiter): void {
    this.#waiters.get(demandKey(demand))?.delete(waiter);
  }

  /** Main's answer. */
  met(demand: Demand, found: boolean): void {
    const key = demandKey(demand);
    const waiters = this.#waiters.get(key) ?? [];
    this.#waiters.delete(key);
    for (const waiter of waiters) {
      try {
        waiter.onDemandMet(found);
      } catch (error) {
        this.#onException(error);
      }
    }
  }
}
