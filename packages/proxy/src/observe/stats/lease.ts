import type { ScopeSlots, StatsLease, StatsRegistry, StatTable } from "./definition.ts";
import type { Claim, ScopeTable } from "./scope-table.ts";

/** Scopes that end together. Counts each scope once, however often it is taken. */
export class ScopeLease implements StatsLease {
  readonly #registry: StatsRegistry;
  readonly #table: ScopeTable;
  readonly #textReadouts: Map<string, string>;
  readonly #claims = new Map<StatTable, Map<string, Claim>>();
  readonly #texts = new Set<string>();

  constructor(registry: StatsRegistry, table: ScopeTable, textReadouts: Map<string, string>) {
    this.#registry = registry;
    this.#table = table;
    this.#textReadouts = textReadouts;
  }

  scope(prefix: string, table: StatTable): ScopeSlots {
    let claims = this.#claims.get(table);
    if (claims === undefined) this.#claims.set(table, (claims = new Map()));
    let claim = claims.get(prefix);
    if (claim === undefined) claims.set(prefix, (claim = this.#table.claim(prefix, table)));
    return claim.entry.scope;
  }

  lease(): StatsLease {
    return this.#registry.lease();
  }

  setTextReadout(name: string, value: string): void {
    this.#texts.add(name);
    this.#textReadouts.set(name, value);
  }

  release(unused: () => boolean): void {
    for (const claims of this.#claims.values())
      for (const claim of claims.values()) this.#table.drop(claim, unused);
    this.#claims.clear();
    for (const name of this.#texts) this.#textReadouts.delete(name);
    this.#texts.clear();
  }
}
