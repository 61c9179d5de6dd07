/** Told once whether something came. */
export type OnFound = (found: boolean) => void;

/** Who waits for what, by name. */
export class Waiting {
  readonly #byName = new Map<string, OnFound[]>();

  /** True for the first one of a name: it is to be asked for. */
  add(name: string, onFound: OnFound): boolean {
    const others = this.#byName.get(name);
    if (others === undefined) this.#byName.set(name, [onFound]);
    else others.push(onFound);
    return others === undefined;
  }

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  settle(name: string, found: boolean): void {
    const waiting = this.#byName.get(name);
    if (waiting === undefined) return;
    this.#byName.delete(name);
    for (const onFound of waiting) onFound(found);
  }

  settleAll(found: boolean): void {
    for (const name of this.#byName.keys()) this.settle(name, found);
  }
}
