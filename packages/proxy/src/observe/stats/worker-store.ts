import type { WorkerStats } from "./definition.ts";
import { HistogramArena } from "./histogram-arena.ts";
import { dynamicBase, dynamicHistogramBase, SPILL_SLOT, spillHistogram } from "./memory.ts";
import type { StatAnnouncement, StatsMemory } from "./memory.ts";

/**
 * The stats of one thread, over the memory that main made for it. `announce` is called once for each dynamic
 * stat; a worker posts the announcement to main, which passes it to `StatsStore.announced`.
 */
export class WorkerStatsStore implements WorkerStats {
  readonly slots: Float64Array;
  readonly #histograms: HistogramArena;
  readonly #announce: (announcement: StatAnnouncement) => void;
  readonly #counterNames: DynamicNames;
  readonly #histogramNames: DynamicNames;

  constructor(memory: StatsMemory, announce: (announcement: StatAnnouncement) => void) {
    const { limits } = memory;
    this.slots = new Float64Array(memory.slots);
    this.#histograms = new HistogramArena(memory.histograms, limits);
    this.#announce = announce;
    this.#counterNames = new DynamicNames(
      memory.dynamic,
      dynamicBase(limits),
      limits.statsSlotsMax,
      SPILL_SLOT,
    );
    this.#histogramNames = new DynamicNames(
      memory.dynamicHistograms,
      dynamicHistogramBase(limits),
      spillHistogram(limits),
      spillHistogram(limits),
    );
  }

  record(histogram: number, value: number): void {
    this.#histograms.record(histogram, value);
  }

  dynamicCounter(fullName: string): number {
    return this.#counterNames.get(fullName) ?? this.#add(fullName);
  }

  dynamicHistogram(fullName: string): number {
    const known = this.#histogramNames.get(fullName);
    if (known !== undefined) return known;
    const number = this.#histogramNames.add(fullName, (slot) =>
      this.#announce({ kind: "histogram", name: fullName, slot }),
    );
    // Another name may have had it.
    this.#histograms.clear(number);
    return number;
  }

  /** Dynamic stats that nobody counts any more: their places go to others. Nobody may have kept their slots. */
  forget(fullNames: readonly string[]): void {
    for (const name of fullNames) {
      this.#counterNames.forget(name);
      this.#histogramNames.forget(name);
    }
  }

  #add(fullName: string): number {
    const slot = this.#counterNames.add(fullName, (found) =>
      this.#announce({ kind: "counter", name: fullName, slot: found }),
    );
    // A predecessor may have counted here and died before it could announce the name.
    if (slot !== SPILL_SLOT) this.slots[slot] = 0;
    return slot;
  }
}

/** Places of stats that appear on first use, by full name. */
class DynamicNames {
  readonly #places: Map<string, number>;
  readonly #end: number;
  readonly #spill: number;
  readonly #free: number[] = [];
  #next: number;
  #spilled = false;

  /** New ones are given out from `base` to before `end`; all further ones get `spill`. */
  constructor(
    known: Iterable<readonly [string, number]>,
    base: number,
    end: number,
    spill: number,
  ) {
    this.#places = new Map(known);
    this.#end = end;
    this.#spill = spill;
    this.#next = base;
    for (const place of this.#places.values()) this.#next = Math.max(this.#next, place + 1);
  }

  get(fullName: string): number | undefined {
    return this.#places.get(fullName);
  }

  forget(fullName: string): void {
    const place = this.#places.get(fullName);
    if (place === undefined) return;
    this.#places.delete(fullName);
    this.#free.push(place);
  }

  /** Tells `announce` of each new place, and of the first name that found none. */
  add(fullName: string, announce: (place: number) => void): number {
    if (this.#free.length === 0 && this.#next >= this.#end) {
      if (!this.#spilled) announce(this.#spill);
      this.#spilled = true;
      return this.#spill;
    }
    const place = this.#free.pop() ?? this.#next++;
    this.#places.set(fullName, place);
    announce(place);
    return place;
  }
}
