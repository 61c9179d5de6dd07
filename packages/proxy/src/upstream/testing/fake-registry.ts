import type { ScopeSlots, StatsLease, StatTable } from "../../observe/stats/definition.ts";

/** Hands out slots one after the other; a test finds them by prefix. */
export class FakeRegistry implements StatsLease {
  readonly scopes = new Map<string, ScopeSlots>();
  readonly texts = new Map<string, string>();
  #slots = 0;
  #histograms = 0;

  scope(prefix: string, table: StatTable): ScopeSlots {
    const key = `${prefix} ${table.names[0]}`;
    let scope = this.scopes.get(key);
    if (scope === undefined) {
      scope = { base: this.#slots, histogramBase: this.#histograms, prefix };
      this.#slots += table.slots;
      this.#histograms += table.histograms;
      this.scopes.set(key, scope);
    }
    return scope;
  }

  lease(): StatsLease {
    return this;
  }

  setTextReadout(name: string, value: string): void {
    this.texts.set(name, value);
  }

  release(): void {}
}
