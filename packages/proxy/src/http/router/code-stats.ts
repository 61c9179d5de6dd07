import type { WorkerStats } from "../../observe/stats/definition.ts";
import { CLUSTER_STATS } from "../../observe/stats/tables/cluster.ts";
import type { ClusterConfig } from "../../upstream/model.ts";

const STATS = CLUSTER_STATS.at;

type CountedCluster = {
  readonly config: Pick<ClusterConfig, "scope">;
  readonly statsBase: number;
};

/** Response codes of one cluster, as Envoy's `Http::CodeStats` counts them: all, and by where the request came from. */
export class CodeStats {
  readonly #stats: WorkerStats;
  readonly #cluster: CountedCluster;
  readonly #dynamic: boolean;
  /** Slots of single codes, by code. A name exists from its first use on, so each origin has its own list. */
  readonly #all: number[] = [];
  readonly #internal: number[] = [];
  readonly #external: number[] = [];
  readonly #canary: number[] = [];

  constructor(stats: WorkerStats, cluster: CountedCluster, dynamic: boolean) {
    this.#stats = stats;
    this.#cluster = cluster;
    this.#dynamic = dynamic;
  }

  /**
   * Counts a response; `internal` by x-envoy-internal of the request, `canary` by x-envoy-upstream-canary of the response.
   * Without `withTotals` its code and class stay out of the totals, and only there, as in Envoy.
   */
  count(status: number, internal: boolean, canary: boolean, withTotals: boolean): void {
    if (!this.#dynamic) return;
    const { slots } = this.#stats;
    const kind = Math.floor(status / 100);
    this.#countGroup(STATS.upstream_rq_completed, withTotals ? kind : 0);
    this.#countGroup(
      internal ? STATS["internal.upstream_rq_completed"] : STATS["external.upstream_rq_completed"],
      kind,
    );
    if (canary) this.#countGroup(STATS["canary.upstream_rq_completed"], kind);
    if (withTotals) slots[this.#slotOf(this.#all, "", status)]! += 1;
    if (internal) slots[this.#slotOf(this.#internal, "internal.", status)]! += 1;
    else slots[this.#slotOf(this.#external, "external.", status)]! += 1;
    if (canary) slots[this.#slotOf(this.#canary, "canary.", status)]! += 1;
  }

  /** Counts a response once more, under a name that came with the request. */
  countAlternative(name: string, status: number, internal: boolean, canary: boolean): void {
    if (!this.#dynamic) return;
    this.#countNamed(`${name}.`, status);
    this.#countNamed(`${name}.${internal ? "internal." : "external."}`, status);
    if (canary) this.#countNamed(`${name}.canary.`, status);
  }

  /** Counts a response that is not passed on, because another attempt is made. */
  countRetried(status: number, withTotals: boolean): void {
    this.#countNamed("retry.", status, withTotals);
  }

  /** Records the time of a response, from the end of the request, in milliseconds. */
  time(ms: number, internal: boolean, canary: boolean): void {
    if (!this.#dynamic) return;
    const { histogramBase } = this.#cluster.config.scope;
    const origin = internal
      ? STATS["internal.upstream_rq_time"]
      : STATS["external.upstream_rq_time"];
    this.#stats.record(histogramBase + STATS.upstream_rq_time, ms);
    this.#stats.record(histogramBase + origin, ms);
    if (canary) this.#stats.record(histogramBase + STATS["canary.upstream_rq_time"], ms);
  }

  /** Records the time of a response once more, under a name that came with the request. */
  timeAlternative(name: string, ms: number, internal: boolean, canary: boolean): void {
    if (!this.#dynamic) return;
    this.#timeNamed(`${name}.`, ms);
    this.#timeNamed(`${name}.${internal ? "internal." : "external."}`, ms);
    if (canary) this.#timeNamed(`${name}.canary.`, ms);
  }

  /** The classes stand in a row behind `completed` in each of the table's groups. */
  #countGroup(completed: number, kind: number): void {
    const { slots } = this.#stats;
    const at = this.#cluster.statsBase + completed;
    slots[at]! += 1;
    if (kind >= 1 && kind <= 5) slots[at + kind]! += 1;
  }

  #countNamed(group: string, status: number, withCodes = true): void {
    const { slots } = this.#stats;
    const prefix = `${this.#cluster.config.scope.prefix}${group}upstream_rq_`;
    slots[this.#stats.dynamicCounter(`${prefix}completed`)]! += 1;
    if (!withCodes) return;
    if (status < STATUS_END)
      slots[this.#stats.dynamicCounter(`${prefix}${Math.floor(status / 100)}xx`)]! += 1;
    slots[this.#stats.dynamicCounter(`${prefix}${codeName(status)}`)]! += 1;
  }

  #timeNamed(group: string, ms: number): void {
    const { prefix } = this.#cluster.config.scope;
    this.#stats.record(this.#stats.dynamicHistogram(`${prefix}${group}upstream_rq_time`), ms);
  }

  #slotOf(known: number[], origin: string, status: number): number {
    const { prefix } = this.#cluster.config.scope;
    return (known[status] ??= this.#stats.dynamicCounter(
      `${prefix}${origin}upstream_rq_${codeName(status)}`,
    ));
  }
}

/** Behind it there are no classes, and Envoy tells no codes apart. */
const STATUS_END = 600;

function codeName(status: number): string {
  return status < STATUS_END ? String(status) : "unknown";
}
