import type {
  ScopeSlots,
  StatsLease,
  StatsRegistry,
  StatTable,
  WorkerStats,
} from "./definition.ts";
import { HistogramArena } from "./histogram-arena.ts";
import { Histogram } from "./histogram.ts";
import { ScopeLease } from "./lease.ts";
import {
  DEFAULT_STATS_LIMITS,
  dynamicBase,
  dynamicHistogramBase,
  SPILL_SLOT,
  spillHistogram,
} from "./memory.ts";
import type { StatAnnouncement, StatsLimits, StatsMemory } from "./memory.ts";
import { type ScopeEntry, ScopeTable } from "./scope-table.ts";
import { WorkerStatsStore } from "./worker-store.ts";

export type { ScopeEntry } from "./scope-table.ts";

/** The configuration has more stats than `statsSlotsMax` or `statsHistogramsMax` allow. */
export class StatsExhaustedError extends Error {
  override readonly name = "StatsExhaustedError";
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
  /** Dynamic histograms by full name. */
  readonly dynamicHistograms: Map<string, number>;
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
  /** Told of stats that came on first use and are no more: the workers must hear of it. */
  onForget: (names: readonly string[]) => void = () => {};
  readonly #mainStore: WorkerStatsStore;
  readonly #threads = new Map<number, Thread>();
  readonly #scopes = new ScopeTable({
    allocate: (prefix, table) => this.#allocate(prefix, table),
    prepare: ({ scope, table }) => {
      for (const thread of this.#threads.values()) initialiseGauges(thread.slots, scope, table);
    },
    clear: (entry, dynamicNames) => this.#clear(entry, dynamicNames),
  });
  #forgotten: string[] = [];
  readonly #textReadouts = new Map<string, string>();
  readonly #refreshers: (() => void)[] = [];
  /** By number, or, for dynamic histograms, by name. */
  readonly #flushed = new Map<number | string, FlushedHistogram>();
  /** Counter values at the last reset, by slot or, for dynamic counters, by name. */
  readonly #resetSlots = new Map<number, number>();
  readonly #resetNames = new Map<string, number>();
  readonly #warn: (text: string) => void;
  #nextSlot = SPILL_SLOT + 1;
  #nextHistogram = 0;
  #droppedSeen = 0;
  readonly #spillsSeen = new Set<StatAnnouncement["kind"]>();

  /** `warn` hears, once each, that stats found no place. */
  constructor(limits: StatsLimits = DEFAULT_STATS_LIMITS, warn: (text: string) => void = () => {}) {
    this.limits = limits;
    this.#warn = warn;
    this.#mainStore = new WorkerStatsStore(this.workerMemory(MAIN), (announcement) =>
      this.announced(MAIN, announcement),
    );
    this.main = this.#mainStore;
  }

  /** @throws StatsExhaustedError when no slots are left. */
  scope(prefix: string, table: StatTable): ScopeSlots {
    return this.#scopes.scope(prefix, table);
  }

  lease(): StatsLease {
    return new ScopeLease(this, this.#scopes, this.#textReadouts);
  }

  /**
   * The memory of worker `id`. When a worker had that number before, its counters go on and its gauges are 0
   * again: what it held open died with it.
   */
  workerMemory(id: number): StatsMemory {
    const old = this.#threads.get(id);
    if (old !== undefined) {
      for (const { scope, table } of this.#scopes.entries) zeroGauges(old.slots, scope, table);
      return {
        ...old.memory,
        dynamic: [...old.dynamic],
        dynamicHistograms: [...old.dynamicHistograms],
      };
    }
    const memory: StatsMemory = {
      slots: new SharedArrayBuffer(this.limits.statsSlotsMax * 8),
      histograms: new SharedArrayBuffer(HistogramArena.bytes(this.limits)),
      limits: this.limits,
      dynamic: [],
      dynamicHistograms: [],
    };
    const slots = new Float64Array(memory.slots);
    for (const { scope, table } of this.#scopes.entries) initialiseGauges(slots, scope, table);
    const histograms = new HistogramArena(memory.histograms, this.limits);
    this.#threads.set(id, {
      memory,
      slots,
      histograms,
      dynamic: new Map(),
      dynamicHistograms: new Map(),
    });
    return memory;
  }

  /** Takes what worker `id` posted about a stat that it used for the first time. */
  announced(id: number, announcement: StatAnnouncement): void {
    const { kind, name, slot } = announcement;
    const thread = this.#threads.get(id);
    if (kind === "histogram") {
      if (slot === spillHistogram(this.limits)) this.#warnOfSpill(announcement);
      else thread?.dynamicHistograms.set(name, slot);
    } else if (slot === SPILL_SLOT) this.#warnOfSpill(announcement);
    else thread?.dynamic.set(name, slot);
    this.#scopes.adoptDynamic(name);
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

  /** In order of creation: the same array until there are others. */
  get scopes(): readonly ScopeEntry[] {
    return this.#scopes.entries;
  }

  get textReadouts(): ReadonlyMap<string, string> {
    return this.#textReadouts;
  }

  /** The full names of all dynamic counters, each once. */
  dynamicNames(): Set<string> {
    const names = new Set<string>();
    for (const thread of this.#threads.values()) {
      for (const name of thread.dynamic.keys()) if (!this.#scopes.hides(name)) names.add(name);
    }
    return names;
  }

  /** The sum over all threads since the last reset. */
  counter(slot: number): number {
    return this.#sum(slot) - (this.#resetSlots.get(slot) ?? 0) + 0;
  }

  /** The full names of all dynamic histograms, each once. */
  dynamicHistogramNames(): Set<string> {
    const names = new Set<string>();
    for (const thread of this.#threads.values()) {
      for (const name of thread.dynamicHistograms.keys())
        if (!this.#scopes.hides(name)) names.add(name);
    }
    return names;
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

  /** The same by the full name of a dynamic one. */
  dynamicHistogram(name: string): FlushedHistogram {
    return this.#flushed.get(name) ?? EMPTY_FLUSHED;
  }

  /** Counters read 0 from now on. The workers' slots stay as they are. Histograms are not reset, as in Envoy. */
  resetCounters(): void {
    for (const { scope, table } of this.#scopes.entries) {
      table.names.forEach((name, i) => {
        const slot = scope.base + table.at[name]!;
        if (table.kinds[i] !== "counter") return;
        const sum = this.#sum(slot);
        if (sum !== 0) this.#resetSlots.set(slot, sum);
      });
    }
    for (const name of this.dynamicNames()) this.#resetNames.set(name, this.#sumDynamic(name));
  }

  /**
   * Takes in what the histograms got since the last call, and lets go of what nobody counts any more. Main calls it every
   * `stats_flush_interval`.
   */
  flush(): void {
    this.#scopes.sweep();
    if (this.#forgotten.length > 0) {
      this.#mainStore.forget(this.#forgotten);
      this.onForget(this.#forgotten);
      this.#forgotten = [];
    }
    for (let histogram = 0; histogram < this.#nextHistogram; histogram++)
      this.#flushHistogram(histogram, () => histogram);
    for (const name of this.dynamicHistogramNames())
      this.#flushHistogram(name, (thread) => thread.dynamicHistograms.get(name));
    let dropped = 0;
    for (const { histograms } of this.#threads.values()) dropped += histograms.dropped;
    if (dropped > 0 && this.#droppedSeen === 0) {
      this.#warn(
        `histogram memory exhausted: ${this.limits.statsHistogramWordsMax} words (statsHistogramWordsMax) are in use`,
      );
    }
    this.#droppedSeen = dropped;
  }

  /** `numberIn` tells the histogram's number in a thread. */
  #flushHistogram(key: number | string, numberIn: (thread: Thread) => number | undefined): void {
    let count = 0;
    for (const thread of this.#threads.values()) {
      const number = numberIn(thread);
      if (number !== undefined) count += thread.histograms.count(number) ?? 0;
    }
    if (count === 0) return;
    const before = this.#flushed.get(key) ?? EMPTY_FLUSHED;
    if (count === before.cumulative.total) {
      if (before.interval.total > 0) {
        this.#flushed.set(key, { cumulative: before.cumulative, interval: Histogram.EMPTY });
      }
      return;
    }
    const buckets = new Map<number, number>();
    for (const thread of this.#threads.values()) {
      const number = numberIn(thread);
      if (number !== undefined) thread.histograms.addTo(number, buckets);
    }
    const cumulative = Histogram.from(buckets);
    this.#flushed.set(key, { cumulative, interval: cumulative.since(before.cumulative) });
  }

  #warnOfSpill({ kind, name }: StatAnnouncement): void {
    if (this.#spillsSeen.has(kind)) return;
    this.#spillsSeen.add(kind);
    const { statsDynamicSlotsMax, statsDynamicHistogramsMax } = this.limits;
    const limit =
      kind === "histogram"
        ? `dynamic histograms exhausted: ${statsDynamicHistogramsMax - 1} (statsDynamicHistogramsMax less one)`
        : `dynamic stats exhausted: ${statsDynamicSlotsMax} (statsDynamicSlotsMax)`;
    this.#warn(`${limit} are in use, "${name}" and later ones are not counted`);
  }

  #allocate(prefix: string, table: StatTable): ScopeSlots {
    if (this.#nextSlot + table.slots > dynamicBase(this.limits)) {
      throw new StatsExhaustedError(
        `stats exhausted at scope "${prefix}": expected at most ${dynamicBase(this.limits) - 1} fixed stats ` +
          `(statsSlotsMax less statsDynamicSlotsMax), seen ${this.#nextSlot - 1 + table.slots}`,
      );
    }
    if (this.#nextHistogram + table.histograms > dynamicHistogramBase(this.limits)) {
      throw new StatsExhaustedError(
        `histograms exhausted at scope "${prefix}": expected at most ${dynamicHistogramBase(this.limits)} ` +
          `(statsHistogramsMax less statsDynamicHistogramsMax), seen ${this.#nextHistogram + table.histograms}`,
      );
    }
    const scope = { base: this.#nextSlot, histogramBase: this.#nextHistogram, prefix };
    this.#nextSlot += table.slots;
    this.#nextHistogram += table.histograms;
    return scope;
  }

  #clear({ scope, table }: ScopeEntry, dynamicNames: ReadonlySet<string>): void {
    for (const { slots, histograms, dynamic, dynamicHistograms } of this.#threads.values()) {
      slots.fill(0, scope.base, scope.base + table.slots);
      for (let i = 0; i < table.histograms; i++) histograms.clear(scope.histogramBase + i);
      for (const name of dynamicNames) {
        dynamic.delete(name);
        dynamicHistograms.delete(name);
      }
    }
    for (let i = 0; i < table.slots; i++) this.#resetSlots.delete(scope.base + i);
    for (let i = 0; i < table.histograms; i++) this.#flushed.delete(scope.histogramBase + i);
    for (const name of dynamicNames) {
      this.#resetNames.delete(name);
      this.#flushed.delete(name);
      this.#forgotten.push(name);
    }
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
