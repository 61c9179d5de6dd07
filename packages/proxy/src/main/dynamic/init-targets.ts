import type { InitTarget } from "../../config/context.ts";

/** What one version of a listener or cluster needs from elsewhere, as long as that is in use. */
export class InitTargets {
  readonly #targets: readonly InitTarget[];
  readonly #missing: Set<InitTarget>;

  constructor(targets: readonly InitTarget[]) {
    this.#targets = [...targets];
    this.#missing = new Set(targets);
  }

  /** What has not come yet; empty when all has. */
  get missing(): readonly string[] {
    return [...this.#missing].map(({ name }) => name);
  }

  /** Asks for all of it. Calls back, perhaps at once, when each has come or did not in its time. */
  whenReady(onReady: () => void): void {
    if (this.#missing.size === 0) onReady();
    for (const target of this.#targets) {
      target.whenReady(() => {
        if (this.#missing.delete(target) && this.#missing.size === 0) onReady();
      });
    }
  }

  release(): void {
    for (const target of this.#targets) target.release();
    this.#missing.clear();
  }
}

/** Of a version that is over. */
export function releaseAll(targets: readonly InitTarget[]): void {
  for (const target of targets) target.release();
}
