import type { ScopeSlots, StatsRegistry, StatTable } from "../../observe/stats/definition.ts";

/** Hands out slots one after the other; a test finds them by prefix. */
export class FakeRegistry implements StatsRegistry {
  readonly scopes = new Map<string, ScopeSlots>();
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
}
