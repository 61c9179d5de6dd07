import type { ScopeSlots, StatTable, StatsRegistry, WorkerStats } from "./definition.ts";
import { HistogramArena } from "./histogram-arena.ts";
import { Histogram } from "./histogram.ts";
import { DEFAULT_STATS_LIMITS, dynamicBase, SPILL_SLOT } from "./memory.ts";
import type { StatAnnouncement, StatsLimits, StatsMemory } from "./memory.ts";
import { WorkerStatsStore } from "./worker-store.ts";

/** The configuration has more stats than `statsSlotsMax` or `statsHistogramsMax` allow. */
export class StatsExhaustedError extends Error {
  override readonly name = "StatsExhaustedError";
}

/** A scope with its table, as the readers of the store see it. */
export interface ScopeEntry {
  readonly scope: ScopeSlots;
  readonly table: StatTable;
}

/** What a histogram had when the stats were last flushed. */
export interface FlushedHistogram {
  /** Since the start. */
  readonly cumulative: Histogram;
  /** Between the last two flushes. */
  readonly interval: Histogram;
}

interface Thread {
  readonly memory: StatsMemory;
  readonly slots: Float64Array;
  readonly histograms: HistogramArena;
  /** Dynamic counters by full name. */
  readonly dynamic: Map<string, number>;
}

const EMPTY_FLUSHED: FlushedHistogram = { cumulative: Histogram.EMPTY, interval: Histogram.EMPTY };

/** The number under which main's own stats stand among those of the workers. */
const MAIN = -1;

/**
 * All stats of the process, on main. Hands out slots and the workers' memory, and sums up when somebody reads.
 * Names are not kept per stat, only per scope: they are put together when they are printed.
 */
export class StatsStore implements StatsRegistry {
  readonly limits: StatsLimits;
  /** Main's own counters and gauges: `server.*`, `cluster_manager.*` … */
  readonly main: WorkerStats;
  readonly #threads = new Map<number, Thread>();
  readonly #scopes: ScopeEntry[] = [];
  readonly #byTable = new Map<StatTable, Map<string, ScopeSlots>>();
  readonly #textReadouts = new Map<string, string>();
  readonly #refreshers: (() => void)[] = [];
  readonly #flushed = new Map<number, FlushedHistogram>();
  /** Counter values at the last reset, by slot or, for dynamic counters, by name. */
  readonly #resetSlots = new Map<number, number>();
  readonly #resetNames = new Map<string, number>();
  readonly #warn: (text: string) => void;
  #nextSlot = SPILL_SLOT + 1;
  #nextHistogram = 0;
  #droppedSeen = 0;
  #spillSeen = false;

  /** `warn` hears, once each, that stats found no place. */
  constructor(limits: StatsLimits = DEFAULT_STATS_LIMITS, warn: (text: string) => void = () => {}) {
    this.limits = limits;
    this.#warn = warn;
    this.main = new WorkerStatsStore(this.workerMemory(MAIN), (announcement) =>
      this.announced(MAIN, announcement),
    );
  }

  /** @throws StatsExhaustedError when no slots are left. */
  scope(prefix: string, table: StatTable): ScopeSlots {
    let prefixes = this.#byTable.get(table);
    if (prefixes === undefined) this.#byTable.set(table, (prefixes = new Map()));
    let scope = prefixes.get(prefix);
    if (scope === undefined) {
      scope = this.#allocate(prefix, table);
      prefixes.set(prefix, scope);
      this.#scopes.push({ scope, table });
      for (const thread of this.#threads.values()) initialiseGauges(thread.slots, scope, table);
    }
    return scope;
  }

  /**
   * The memory of worker `id`. When a worker had that number before, its counters go on and its gauges are 0
   * again: what it held open died with it.
   */
  workerMemory(id: number): StatsMemory {
    const old = this.#threads.get(id);
    if (old !== undefined) {
      for (const { scope, table } of this.#scopes) zeroGauges(old.slots, scope, table);
      return { ...old.memory, dynamic: [...old.dynamic] };
    }
    const memory: StatsMemory = {
      slots: new SharedArrayBuffer(this.limits.statsSlotsMax * 8),
      histograms: new SharedArrayBuffer(HistogramArena.bytes(this.limits)),
      limits: this.limits,
      dynamic: [],
    };
    const slots = new Float64Array(memory.slots);
    for (const { scope, table } of this.#scopes) initialiseGauges(slots, scope, table);
    const histograms = new HistogramArena(memory.histograms, this.limits);
    this.#threads.set(id, { memory, slots, histograms, dynamic: new Map() });
    return memory;
  }

  /** Takes what worker `id` posted about a stat that it used for the first time. */
  announced(id: number, announcement: StatAnnouncement): void {
    if (announcement.slot === SPILL_SLOT) {
      if (!this.#spillSeen) {
        this.#warn(
          `dynamic stats exhausted: ${this.limits.statsDynamicSlotsMax} (statsDynamicSlotsMax) are in use, ` +
            `"${announcement.name}" and later ones are not counted`,
        );
      }
      this.#spillSeen = true;
      return;
    }
    this.#threads.get(id)?.dynamic.set(announcement.name, announcement.slot);
  }

  /** Sets a text readout (`cluster_manager.cds.version_text`). */
  setTextReadout(name: string, value: string): void {
    this.#textReadouts.set(name, value);
  }

  /** `refresh` is called before stats are read, to bring gauges up to date that are known elsewhere. */
  onRead(refresh: () => void): void {
    this.#refreshers.push(refresh);
  }

  /** Calls what `onRead` registered. Readers do that once, before they begin. */
  refresh(): void {
    for (const refresh of this.#refreshers) refresh();
  }

  /** In order of creation. */
  get scopes(): readonly ScopeEntry[] {
    return this.#scopes;
  }

  get textReadouts(): ReadonlyMap<string, string> {
    return this.#textReadouts;
  }

  /** The full names of all dynamic counters, each once. */
  dynamicNames(): Set<string> {
    const names = new Set<string>();
    for (const thread of this.#threads.values()) {
      for (const name of thread.dynamic.keys()) names.add(name);
    }
    return names;
  }

  /** The sum over all threads since the last reset. */
  counter(slot: number): number {
    return this.#sum(slot) - (this.#resetSlots.get(slot) ?? 0) + 0;
  }

  dynamicCounter(name: string): number {
    return this.#sumDynamic(name) - (this.#resetNames.get(name) ?? 0);
  }

  gauge(slot: number): number {
    // + 0 turns the -0 of an untouched gauge into 0.
    return this.#sum(slot) + 0;
  }

  /** Whether any thread ever set the gauge: it started as -0. */
  gaugeUsed(slot: number): boolean {
    for (const { slots } of this.#threads.values()) {
      if (!Object.is(slots[slot], -0)) return true;
    }
    return false;
  }

  /** Whether any thread ever counted, before or after a reset. */
  counterUsed(slot: number): boolean {
    for (const { slots } of this.#threads.values()) {
      if (slots[slot] !== 0) return true;
    }
    return false;
  }

  /** Whether any thread counted, or touched the counter (`touchScope`): it started as +0. */
  counterTouched(slot: number): boolean {
    for (const { slots } of this.#threads.values()) {
      if (!Object.is(slots[slot], 0)) return true;
    }
    return false;
  }

  /** Whether the histogram ever got a value; it may not have been flushed yet. */
  histogramUsed(histogram: number): boolean {
    for (const { histograms } of this.#threads.values()) {
      if (histograms.count(histogram) !== undefined) return true;
    }
    return false;
  }

  /** As of the last flush. */
  histogram(histogram: number): FlushedHistogram {
    return this.#flushed.get(histogram) ?? EMPTY_FLUSHED;
  }

  /** Counters read 0 from now on. The workers' slots stay as they are. Histograms are not reset, as in Envoy. */
  resetCounters(): void {
    for (const { scope, table } of this.#scopes) {
      table.names.forEach((name, i) => {
        const slot = scope.base + table.at[name]!;
        if (table.kinds[i] !== "counter") return;
        const sum = this.#sum(slot);
        if (sum !== 0) this.#resetSlots.set(slot, sum);
      });
    }
    for (const name of this.dynamicNames()) this.#resetNames.set(name, this.#sumDynamic(name));
  }

  /** Takes in what the histograms got since the last call. Main calls it every `stats_flush_interval`. */
  flush(): void {
    for (let histogram = 0; histogram < this.#nextHistogram; histogram++)
      this.#flushHistogram(histogram);
    let dropped = 0;
    for (const { histograms } of this.#threads.values()) dropped += histograms.dropped;
    if (dropped > 0 && this.#droppedSeen === 0) {
      this.#warn(
        `histogram memory exhausted: ${this.limits.statsHistogramWordsMax} words (statsHistogramWordsMax) are in use`,
      );
    }
    this.#droppedSeen = dropped;
  }

  #flushHistogram(histogram: number): void {
    let count = 0;
    for (const { histograms } of this.#threads.values()) count += histograms.count(histogram) ?? 0;
    if (count === 0) return;
    const before = this.#flushed.get(histogram) ?? EMPTY_FLUSHED;
    if (count === before.cumulative.total) {
      if (before.interval.total > 0) {
        this.#flushed.set(histogram, { cumulative: before.cumulative, interval: Histogram.EMPTY });
      }
      return;
    }
    const buckets = new Map<number, number>();
    for (const { histograms } of this.#threads.values()) histograms.addTo(histogram, buckets);
    const cumulative = Histogram.from(buckets);
    this.#flushed.set(histogram, { cumulative, interval: cumulative.since(before.cumulative) });
  }

  #allocate(prefix: string, table: StatTable): ScopeSlots {
    if (this.#nextSlot + table.slots > dynamicBase(this.limits)) {
      throw new StatsExhaustedError(
        `stats exhausted at scope "${prefix}": expected at most ${dynamicBase(this.limits) - 1} fixed stats ` +
          `(statsSlotsMax less statsDynamicSlotsMax), seen ${this.#nextSlot - 1 + table.slots}`,
      );
    }
    if (this.#nextHistogram + table.histograms > this.limits.statsHistogramsMax) {
      throw new StatsExhaustedError(
        `histograms exhausted at scope "${prefix}": expected at most ${this.limits.statsHistogramsMax} ` +
          `(statsHistogramsMax), seen ${this.#nextHistogram + table.histograms}`,
      );
    }
    const scope = { base: this.#nextSlot, histogramBase: this.#nextHistogram, prefix };
    this.#nextSlot += table.slots;
    this.#nextHistogram += table.histograms;
    return scope;
  }

  #sum(slot: number): number {
    let sum = 0;
    for (const { slots } of this.#threads.values()) sum += slots[slot]!;
    return sum;
  }

  #sumDynamic(name: string): number {
    let sum = 0;
    for (const { slots, dynamic } of this.#threads.values()) {
      const slot = dynamic.get(name);
      if (slot !== undefined) sum += slots[slot]!;
    }
    return sum;
  }
}

/** Gauges start as -0, so that one that came back to 0 can be told from one that was never used. */
function initialiseGauges(slots: Float64Array, scope: ScopeSlots, table: StatTable): void {
  for (let i = 0; i < table.names.length; i++) {
    if (table.kinds[i] === "gauge") slots[scope.base + table.at[table.names[i]!]!] = -0;
  }
}

function zeroGauges(slots: Float64Array, scope: ScopeSlots, table: StatTable): void {
  for (let i = 0; i < table.names.length; i++) {
    const slot = scope.base + table.at[table.names[i]!]!;
    if (table.kinds[i] === "gauge" && !Object.is(slots[slot], -0)) slots[slot] = 0;
  }
}
