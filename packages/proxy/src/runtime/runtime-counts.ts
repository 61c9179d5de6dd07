import type { StatsRegistry, WorkerStats } from "../observe/stats/definition.ts";
import { RUNTIME_STATS } from "../observe/stats/tables/runtime.ts";

const STATS = RUNTIME_STATS.at;

/** How the reading of all layers went. */
export interface LoadOutcome {
  /** A layer could not be read. */
  readonly failed: boolean;
  /** Layers that were read from disk. */
  readonly onDisk: number;
  readonly layers: number;
  readonly keys: number;
}

/** The stats `runtime.*`, on main. */
export class RuntimeCounts {
  readonly #slots: Float64Array;
  readonly #base: number;

  constructor(registry: StatsRegistry, stats: WorkerStats) {
    this.#slots = stats.slots;
    this.#base = registry.scope("runtime.", RUNTIME_STATS).base;
  }

  loaded({ failed, onDisk, layers, keys }: LoadOutcome): void {
    this.#add(failed ? STATS.load_error : STATS.load_success);
    // Envoy's count of one: a single folder is none.
    this.#add(onDisk > 1 ? STATS.override_dir_exists : STATS.override_dir_not_exists);
    this.#slots[this.#base + STATS.num_layers] = layers;
    this.#slots[this.#base + STATS.num_keys] = keys;
  }

  adminOverrides(active: boolean): void {
    this.#slots[this.#base + STATS.admin_overrides_active] = active ? 1 : 0;
  }

  /** So many deprecated features are in use. */
  deprecatedFeatures(count: number): void {
    this.#add(STATS.deprecated_feature_use, count);
    this.#add(STATS.deprecated_feature_seen_since_process_start, count);
  }

  #add(stat: number, by = 1): void {
    this.#slots[this.#base + stat]! += by;
  }
}
