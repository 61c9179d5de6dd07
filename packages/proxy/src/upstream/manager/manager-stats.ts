import type { StatsRegistry, WorkerStats } from "../../observe/stats/definition.ts";
import {
  CLUSTER_MANAGER_STATS,
  THREAD_LOCAL_CLUSTER_MANAGER_STATS,
} from "../../observe/stats/tables/cluster-manager.ts";

const AT = CLUSTER_MANAGER_STATS.at;
const THREAD_AT = THREAD_LOCAL_CLUSTER_MANAGER_STATS.at;

/** `cluster_manager.*`, and how many clusters each thread has: all of them. */
export class ManagerStats {
  readonly #slots: Float64Array;
  readonly #base: number;
  /** Bases of the `thread_local_cluster_manager.…` stats: main's and every worker's. */
  readonly #threadBases: readonly number[];

  constructor(registry: StatsRegistry, stats: WorkerStats, workers: number) {
    this.#slots = stats.slots;
    this.#base = registry.scope("cluster_manager.", CLUSTER_MANAGER_STATS).base;
    this.#threadBases = threadNames(workers).map((thread) => {
      const prefix = `thread_local_cluster_manager.${thread}.`;
      return registry.scope(prefix, THREAD_LOCAL_CLUSTER_MANAGER_STATS).base;
    });
    this.#setInflated(0);
  }

  count(name: "cluster_added" | "cluster_modified" | "cluster_removed" | "cluster_updated"): void {
    this.#slots[this.#base + AT[name]]! += 1;
  }

  setCounts(active: number, warming: number): void {
    this.#slots[this.#base + AT.active_clusters] = active;
    this.#slots[this.#base + AT.warming_clusters] = warming;
    this.#setInflated(active);
  }

  #setInflated(clusters: number): void {
    for (const base of this.#threadBases)
      this.#slots[base + THREAD_AT.clusters_inflated] = clusters;
  }
}

function threadNames(workers: number): string[] {
  return ["main_thread", ...Array.from({ length: workers }, (_, i) => `worker_${i}`)];
}
