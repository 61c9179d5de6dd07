import type { StatKind } from "./definition.ts";
import type { StatsSettings } from "./stats-config.ts";
import type { FlushedHistogram, ScopeEntry, StatsStore } from "./store.ts";

/** The kinds that the `type` parameter of /stats selects. */
export type StatType = "All" | "Counters" | "Gauges" | "Histograms" | "TextReadouts";

/** What a reader wants to see. */
export interface StatQuery {
  /** Leave out what was never written. */
  readonly usedOnly: boolean;
  /** On full names; null takes all. */
  readonly filter: ((fullName: string) => boolean) | null;
  readonly type: StatType;
}

export const EVERYTHING: StatQuery = { usedOnly: false, filter: null, type: "All" };

/** One stat, found and named. */
export interface StatRef {
  readonly fullName: string;
  readonly kind: StatKind;
  /** Slot, or number of the histogram; -1 for a dynamic stat, which goes by its name. */
  readonly at: number;
}

/** Walks the stats of a store in the order and with the choice of Envoy's admin. */
export class StatView {
  readonly store: StatsStore;
  readonly settings: StatsSettings;
  #scopes: readonly ScopeEntry[] = [];
  /** What `#scopes` was made of. */
  #unsorted: readonly ScopeEntry[] = [];

  constructor(store: StatsStore, settings: StatsSettings) {
    this.store = store;
    this.settings = settings;
  }

  /** Scopes in order of their prefix. */
  get scopes(): readonly ScopeEntry[] {
    if (this.#unsorted !== this.store.scopes) {
      this.#unsorted = this.store.scopes;
      this.#scopes = this.#unsorted.toSorted((a, b) => compare(a.scope.prefix, b.scope.prefix));
    }
    return this.#scopes;
  }

  /**
   * Counters and gauges, or histograms, that the query takes, by full name. Names live only while they pass.
   * A null now and then, after each group of scopes, is a good moment to let others work.
   */
  *sorted(phase: "scalars" | "histograms", query: StatQuery): Generator<StatRef | null> {
    if (!phaseHas(phase, query.type)) return;
    const scopes = this.scopes;
    const { store } = this;
    const names = phase === "scalars" ? store.dynamicNames() : store.dynamicHistogramNames();
    const dynamic = [...names].sort(compare);
    const kind = phase === "scalars" ? "counter" : "histogram";
    let nextDynamic = 0;
    let at = 0;
    while (at < scopes.length) {
      // Scopes below one another (`listener.x.`, `listener.x.http.y.`) share one sorting; nothing else can mix.
      const root = scopes[at]!.scope.prefix;
      const refs: StatRef[] = [];
      for (; at < scopes.length && scopes[at]!.scope.prefix.startsWith(root); at++) {
        this.#collect(scopes[at]!, phase, query, refs);
      }
      for (; nextDynamic < dynamic.length; nextDynamic++) {
        const fullName = dynamic[nextDynamic]!;
        if (fullName > root && !fullName.startsWith(root)) break;
        const ref: StatRef = { fullName, kind, at: -1 };
        if (this.shows(ref, query)) refs.push(ref);
      }
      refs.sort((a, b) => compare(a.fullName, b.fullName));
      yield* refs;
      yield null;
    }
    for (; nextDynamic < dynamic.length; nextDynamic++) {
      const ref: StatRef = { fullName: dynamic[nextDynamic]!, kind, at: -1 };
      if (this.shows(ref, query)) yield ref;
    }
  }

  /** Text readouts that the query takes, by name. */
  *textReadouts(query: StatQuery): Generator<[fullName: string, value: string]> {
    if (query.type !== "All" && query.type !== "TextReadouts") return;
    const names = [...this.store.textReadouts.keys()].sort(compare);
    for (const name of names) {
      const value = this.store.textReadouts.get(name)!;
      if (query.usedOnly && value === "") continue;
      if (this.settings.accepts(name) && (query.filter?.(name) ?? true)) yield [name, value];
    }
  }

  /** The value of a counter or gauge. */
  value(ref: StatRef): number {
    if (ref.at === -1) return this.store.dynamicCounter(ref.fullName);
    return ref.kind === "counter" ? this.store.counter(ref.at) : this.store.gauge(ref.at);
  }

  histogram(ref: StatRef): FlushedHistogram {
    return ref.at === -1 ? this.store.dynamicHistogram(ref.fullName) : this.store.histogram(ref.at);
  }

  /** Whether name, filter, type and use let the stat through. */
  shows(ref: StatRef, query: StatQuery, lazy = false): boolean {
    if (
      query.type === "Counters"
        ? ref.kind !== "counter"
        : query.type === "Gauges" && ref.kind !== "gauge"
    ) {
      return false;
    }
    if ((lazy || query.usedOnly) && !this.#used(ref, query.usedOnly)) return false;
    return this.settings.accepts(ref.fullName) && (query.filter?.(ref.fullName) ?? true);
  }

  #collect(
    entry: ScopeEntry,
    phase: "scalars" | "histograms",
    query: StatQuery,
    into: StatRef[],
  ): void {
    const { table } = entry;
    for (let i = 0; i < table.names.length; i++) {
      const kind = table.kinds[i]!;
      if ((kind === "histogram") !== (phase === "histograms")) continue;
      const ref = refOf(entry, i);
      if (this.shows(ref, query, table.lazy[i])) into.push(ref);
    }
  }

  /**
   * For `usedonly`, or for showing a lazy stat at all. A lazy counter is there once it is touched, and used once it
   * counted; a histogram is there with its first value, and used after its first flush.
   */
  #used(ref: StatRef, usedOnly: boolean): boolean {
    if (ref.at === -1)
      return ref.kind === "counter" || !usedOnly || this.histogram(ref).cumulative.total > 0;
    switch (ref.kind) {
      case "counter":
        return usedOnly ? this.store.counterUsed(ref.at) : this.store.counterTouched(ref.at);
      case "gauge":
        return this.store.gaugeUsed(ref.at);
      case "histogram":
        return usedOnly
          ? this.store.histogram(ref.at).cumulative.total > 0
          : this.store.histogramUsed(ref.at);
    }
  }
}

/** The stat of index `i` of a scope's table. */
export function refOf({ scope, table }: ScopeEntry, i: number): StatRef {
  const name = table.names[i]!;
  const kind = table.kinds[i]!;
  return {
    fullName: scope.prefix + name,
    kind,
    at: table.at[name]! + (kind === "histogram" ? scope.histogramBase : scope.base),
  };
}

/** Order of char codes, which for stat names is Envoy's. */
export function compare(a: string, b: string): number {
  if (a < b) return -1;
  return a > b ? 1 : 0;
}

function phaseHas(phase: "scalars" | "histograms", type: StatType): boolean {
  if (type === "All") return true;
  return phase === "histograms" ? type === "Histograms" : type === "Counters" || type === "Gauges";
}
