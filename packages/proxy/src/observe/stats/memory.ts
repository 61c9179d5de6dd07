/** How much a worker may count. Memory is committed by the system page by page, on first use. */
export interface StatsLimits {
  /** Counters and gauges of one worker, 8 bytes each. */
  readonly statsSlotsMax: number;
  /** How many of them are set aside for stats that appear on first use. */
  readonly statsDynamicSlotsMax: number;
  /** Histograms of all scopes, whether they ever get a value or not. */
  readonly statsHistogramsMax: number;
  /** How many of them are set aside for histograms that appear on first use. */
  readonly statsDynamicHistogramsMax: number;
  /** Words of 8 bytes for the buckets of the histograms that got values: some 200 each. */
  readonly statsHistogramWordsMax: number;
}

export const DEFAULT_STATS_LIMITS: StatsLimits = {
  statsSlotsMax: 4 * 1024 * 1024,
  statsDynamicSlotsMax: 1024 * 1024,
  statsHistogramsMax: 1024 * 1024,
  statsDynamicHistogramsMax: 64 * 1024,
  statsHistogramWordsMax: 8 * 1024 * 1024,
};

/** The stats of one worker, as main hands them over. Structured-cloneable. */
export interface StatsMemory {
  readonly slots: SharedArrayBuffer;
  readonly histograms: SharedArrayBuffer;
  readonly limits: StatsLimits;
  /** The dynamic counters that a predecessor of the worker had: name, slot. */
  readonly dynamic: readonly (readonly [name: string, slot: number])[];
  /** The same for histograms: name, number. */
  readonly dynamicHistograms: readonly (readonly [name: string, histogram: number])[];
}

/** What a worker tells main about a stat that it used for the first time. Post it as it is. */
export interface StatAnnouncement {
  readonly kind: "counter" | "histogram";
  readonly name: string;
  /** Its slot, or number. `SPILL_SLOT`, or `spillHistogram`, when none was left: the stat is not counted. */
  readonly slot: number;
}

/** A slot that nobody reads: where stats go that found no place. */
export const SPILL_SLOT = 0;

/** The first slot of the dynamic stats; the fixed ones are below. */
export function dynamicBase(limits: StatsLimits): number {
  return limits.statsSlotsMax - limits.statsDynamicSlotsMax;
}

/** The first number of the dynamic histograms; the fixed ones are below. */
export function dynamicHistogramBase(limits: StatsLimits): number {
  return limits.statsHistogramsMax - limits.statsDynamicHistogramsMax;
}

/** The histogram that nobody reads. */
export function spillHistogram(limits: StatsLimits): number {
  return limits.statsHistogramsMax - 1;
}
