import type { InitTarget } from "../../config/context.ts";
import type { ListenerConfig } from "../../listener/model.ts";
import { InitTargets } from "./init-targets.ts";

/** What listens. */
export interface ListenerOwner {
  /** Resolves when every worker accepts by it; rejects with the reason, and what was there goes on. */
  addOrUpdate(config: ListenerConfig): Promise<void>;
  /** What stands against it, as far as can be told at once; null for nothing. */
  refusal(config: ListenerConfig): string | null;
  remove(name: string): boolean;
}

/** What the listeners need from elsewhere, version by version: each takes its place when all of it is there. */
export class LiveListeners {
  readonly #owner: ListenerOwner;
  /** Of the versions in place, by name. */
  readonly #active = new Map<string, InitTargets>();
  /** Of the versions that wait. */
  readonly #warming = new Map<string, Warming>();

  constructor(owner: ListenerOwner) {
    this.#owner = owner;
  }

  /** Names of the listeners that wait for something, for /init_dump. */
  get warmingNames(): string[] {
    return [...this.#warming.keys()];
  }

  /** Resolves when it is in its place, or another one is to have it; rejects when that failed, and the old one goes on. */
  set(
    config: ListenerConfig,
    targets: readonly InitTarget[],
    onWaits: (reason: string | null) => void = () => {},
  ): Promise<void> {
    const { name } = config;
    const warming = new Warming(targets);
    this.#stopWarming(name);
    this.#warming.set(name, warming);
    return new Promise((resolve, reject) => {
      warming.onGivenUp = resolve;
      warming.needs.whenReady(() => {
        this.#place(config, warming, onWaits).then(resolve, reject);
      });
      const { missing } = warming.needs;
      if (missing.length > 0) onWaits(missing.join(", "));
    });
  }

  /** What stands against it, as far as can be told at once; null for nothing. */
  refusal(config: ListenerConfig): string | null {
    return this.#owner.refusal(config);
  }

  remove(name: string): void {
    this.#stopWarming(name);
    this.#owner.remove(name);
    this.#active.get(name)?.release();
    this.#active.delete(name);
  }

  async #place(
    config: ListenerConfig,
    warming: Warming,
    onWaits: (reason: string | null) => void,
  ): Promise<void> {
    const { name } = config;
    if (this.#warming.get(name) !== warming) return;
    onWaits(null);
    try {
      await this.#owner.addOrUpdate(config);
    } catch (error) {
      if (this.#warming.get(name) === warming) {
        this.#warming.delete(name);
        warming.needs.release();
      }
      throw error;
    }
    // Another version came meanwhile, or the listener went: that is not this one's place any more.
    if (this.#warming.get(name) !== warming) return;
    this.#warming.delete(name);
    this.#active.get(name)?.release();
    this.#active.set(name, warming.needs);
  }

  #stopWarming(name: string): void {
    const warming = this.#warming.get(name);
    if (warming === undefined) return;
    this.#warming.delete(name);
    warming.needs.release();
    warming.onGivenUp();
  }
}

class Warming {
  readonly needs: InitTargets;
  onGivenUp: () => void = () => {};

  constructor(targets: readonly InitTarget[]) {
    this.needs = new InitTargets(targets);
  }
}
