import type { WorkerStats } from "../../observe/stats/definition.ts";
import { CLUSTER_STATS } from "../../observe/stats/tables/cluster.ts";
import type { Cluster } from "../../upstream/cluster.ts";

const STATS = CLUSTER_STATS.at;

/** Response codes of one cluster, as Envoy's `Http::CodeStats` counts them: all, and by where the request came from. */
export class CodeStats {
  readonly #stats: WorkerStats;
  readonly #cluster: Cluster;
  readonly #dynamic: boolean;
  /** Slots of single codes, by code. A name exists from its first use on, so each origin has its own list. */
  readonly #all: number[] = [];
  readonly #internal: number[] = [];
  readonly #external: number[] = [];

  constructor(stats: WorkerStats, cluster: Cluster, dynamic: boolean) {
    this.#stats = stats;
    this.#cluster = cluster;
    this.#dynamic = dynamic;
  }

  /** Counts a response; `internal` by x-envoy-internal of the request. */
  count(status: number, internal: boolean): void {
    const { slots } = this.#stats;
    const base = this.#cluster.statsBase;
    const origin = internal
      ? STATS["internal.upstream_rq_completed"]
      : STATS["external.upstream_rq_completed"];
    slots[base + STATS.upstream_rq_completed]! += 1;
    slots[base + origin]! += 1;
    // The classes stand in a row behind `completed` in each of the tables' groups.
    const kind = Math.floor(status / 100);
    if (kind >= 1 && kind <= 5) {
      slots[base + STATS.upstream_rq_completed + kind]! += 1;
      slots[base + origin + kind]! += 1;
    }
    if (!this.#dynamic) return;
    slots[this.#slotOf(this.#all, "", status)]! += 1;
    if (internal) slots[this.#slotOf(this.#internal, "internal.", status)]! += 1;
    else slots[this.#slotOf(this.#external, "external.", status)]! += 1;
  }

  /** Records the time of a response, from the end of the request, in milliseconds. */
  time(ms: number, internal: boolean): void {
    const { histogramBase } = this.#cluster.config.scope;
    const origin = internal ? STATS["internal.upstream_rq_time"] : STATS["external.upstream_rq_time"];
    this.#stats.record(histogramBase + STATS.upstream_rq_time, ms);
    this.#stats.record(histogramBase + origin, ms);
  }

  #slotOf(known: number[], origin: string, status: number): number {
    const { prefix } = this.#cluster.config.scope;
    return (known[status] ??= this.#stats.dynamicCounter(`${prefix}${origin}upstream_rq_${status}`));
  }
}
