import type { WorkerStats } from "./definition.ts";
import { HistogramArena } from "./histogram-arena.ts";
import { dynamicBase, SPILL_SLOT } from "./memory.ts";
import type { StatAnnouncement, StatsMemory } from "./memory.ts";

/**
 * The stats of one thread, over the memory that main made for it. `announce` is called once for each dynamic
 * counter; a worker posts the announcement to main, which passes it to `StatsStore.announced`.
 */
export class WorkerStatsStore implements WorkerStats {
  readonly slots: Float64Array;
  readonly #histograms: HistogramArena;
  readonly #dynamic: Map<string, number>;
  readonly #announce: (announcement: StatAnnouncement) => void;
  #nextDynamic: number;
  #spilled = false;

  constructor(memory: StatsMemory, announce: (announcement: StatAnnouncement) => void) {
    this.slots = new Float64Array(memory.slots);
    this.#histograms = new HistogramArena(memory.histograms, memory.limits);
    this.#dynamic = new Map(memory.dynamic);
    this.#announce = announce;
    this.#nextDynamic = dynamicBase(memory.limits);
    for (const [, slot] of memory.dynamic)
      this.#nextDynamic = Math.max(this.#nextDynamic, slot + 1);
  }

  record(histogram: number, value: number): void {
    this.#histograms.record(histogram, value);
  }

  dynamicCounter(fullName: string): number {
    return this.#dynamic.get(fullName) ?? this.#add(fullName);
  }

  #add(fullName: string): number {
    if (this.#nextDynamic >= this.slots.length) {
      if (!this.#spilled) this.#announce({ name: fullName, slot: SPILL_SLOT });
      this.#spilled = true;
      return SPILL_SLOT;
    }
    const slot = this.#nextDynamic++;
    // A predecessor may have counted here and died before it could announce the name.
    this.slots[slot] = 0;
    this.#dynamic.set(fullName, slot);
    this.#announce({ name: fullName, slot });
    return slot;
  }
}
