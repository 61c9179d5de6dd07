/** What a stat is. Counters only rise, gauges move, histograms collect values. */
export type StatKind = "counter" | "gauge" | "histogram";

/** A fixed table of stats that every scope of one sort has: all clusters, all listeners … */
export interface StatTable<Name extends string = string> {
  /** Names in order, relative to the scope's prefix: `upstream_rq_total`. */
  readonly names: readonly Name[];
  readonly kinds: readonly StatKind[];
  /** Place of each stat: counters and gauges count from the scope's `base`, histograms from `histogramBase`. */
  readonly at: { readonly [N in Name]: number };
  /** By index into `names`: true for a stat that is shown from its first use on only (`upstream_rq_2xx`). */
  readonly lazy: readonly boolean[];
  readonly slots: number;
  readonly histograms: number;
}

/** Builds a table once, at module load. The stats named in `lazy` appear in output once they were used. */
export function defineStats<const T extends { readonly [name: string]: StatKind }>(
  stats: T,
  lazy: readonly Extract<keyof T, string>[] = [],
): StatTable<Extract<keyof T, string>> {
  type Name = Extract<keyof T, string>;
  const names = Object.keys(stats) as Name[];
  const at = {} as { [N in Name]: number };
  let slots = 0;
  let histograms = 0;
  for (const name of names) at[name] = stats[name] === "histogram" ? histograms++ : slots++;
  return {
    names,
    kinds: names.map((name) => stats[name]!),
    at,
    lazy: names.map((name) => lazy.includes(name)),
    slots,
    histograms,
  };
}

/** Where one scope's stats are, in every worker alike. Plain data: goes into the configuration of a worker. */
export interface ScopeSlots {
  /** First slot of the scope's counters and gauges. */
  readonly base: number;
  /** First histogram number of the scope. */
  readonly histogramBase: number;
  /** With the final dot: `cluster.service_a.`; the prefix of stats that appear on first use. */
  readonly prefix: string;
}

/** Main side: hands out slots. The same prefix and table give the same slots for as long as somebody has them. */
export interface StatsRegistry {
  scope(prefix: string, table: StatTable): ScopeSlots;
  /** For scopes that end together: those of a cluster, when it goes. */
  lease(): StatsLease;
  /** Sets a text readout by its full name: `cluster_manager.cds.version_text`. */
  setTextReadout(name: string, value: string): void;
}

/** The scopes of somebody who will be gone one day. What is taken of a registry itself stays for ever. */
export interface StatsLease extends StatsRegistry {
  /** The text readout goes with the lease. */
  setTextReadout(name: string, value: string): void;
  /**
   * Gives everything back. Scopes that no other lease has are seen no more; their slots go to others when `unused` says,
   * in two flushes one after the other, that no thread writes to them any more. Whoever takes such a scope before that gets
   * it back as it is.
   */
  release(unused: () => boolean): void;
}

/**
 * Worker side. A slot is written by one thread only, with plain stores; main sums over the workers when
 * somebody reads. Gauges that only one thread may own (server-wide ones) are written by main's own store.
 */
export interface WorkerStats {
  /** Slot values: `stats.slots[scope.base + TABLE.at.upstream_rq_total]! += 1` is the whole cost of a counter. */
  readonly slots: Float64Array;
  /** Records into a histogram, by number: `scope.histogramBase + TABLE.at.upstream_rq_time`. Milliseconds. */
  record(histogram: number, value: number): void;
  /**
   * The slot of a stat that exists from its first use on (`upstream_rq_200`): `scope.prefix + name`.
   * Costs a map look-up; hot callers keep the result.
   */
  dynamicCounter(fullName: string): number;
  /** The same for a histogram: the number to `record` into. */
  dynamicHistogram(fullName: string): number;
}

/**
 * Makes every lazy stat of a scope appear, with 0 where nothing was counted yet, as Envoy does when the object
 * that owns them comes to life (the first HTTP/1 codec brings the `http1.` stats). Cheap to repeat.
 */
export function touchScope(stats: WorkerStats, scope: ScopeSlots, table: StatTable): void {
  for (let i = 0; i < table.names.length; i++) {
    const kind = table.kinds[i];
    if (!table.lazy[i] || kind === "histogram") continue;
    const slot = scope.base + table.at[table.names[i]!]!;
    // A gauge is the other way round: it starts as -0.
    if (kind === "gauge") stats.slots[slot]! += 0;
    else touchSlot(stats.slots, slot);
  }
}

/** The same for one lazy counter. Its slot starts as +0, so -0 says "used, and 0". */
export function touchSlot(slots: Float64Array, slot: number): void {
  if (slots[slot] === 0) slots[slot] = -0;
}
