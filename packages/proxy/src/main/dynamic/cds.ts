import type { ConfigSource } from "@nuncio/api/types/envoy/config/core/v3/config_source_pb";
import type { ConfigUpdate, Rejection, Watch } from "../../config/subscriptions.ts";
import { CDS_STATS } from "../../observe/stats/tables/subscription.ts";
import type { ClusterTaker } from "./cluster-taker.ts";
import type { LiveParts } from "./live-parts.ts";
import { countSubscription } from "./subscription-counters.ts";

const PREFIX = "cluster_manager.cds.";
const TYPE_URL = "type.googleapis.com/envoy.config.cluster.v3.Cluster";

/** Clusters that a control plane gives (Envoy's `CdsApi`). */
export class CdsApi {
  readonly #parts: LiveParts;
  readonly #taker: ClusterTaker;
  #source: ConfigSource | null = null;
  #watch: Watch | null = null;
  #onAnswer: (() => void) | null = null;

  constructor(parts: LiveParts, taker: ClusterTaker) {
    this.#parts = parts;
    this.#taker = taker;
  }

  /** Calls back once, when there was an answer, or none in its time. */
  start(source: ConfigSource | null, names: readonly string[], onAnswer: () => void): void {
    const { registry, subscriptions } = this.#parts;
    const scope = registry.scope(PREFIX, CDS_STATS);
    this.#onAnswer = onAnswer;
    this.#source = source;
    this.#watch = subscriptions.watch({
      typeUrl: TYPE_URL,
      source,
      names,
      stats: countSubscription(scope, CDS_STATS, this.#parts),
      callbacks: {
        onConfigUpdate: (update) => this.#take(update),
        onFetchTimeout: () => this.#answered(),
      },
    });
  }

  close(): void {
    this.#watch?.cancel();
  }

  #take({ added, removed }: ConfigUpdate): Rejection[] {
    const sender = { source: this.#source, watch: this.#watch };
    const rejections = added.flatMap((resource) => this.#taker.take(resource, sender));
    for (const name of removed) this.#taker.remove(name);
    if (added.length + removed.length > rejections.length) this.#countReload();
    this.#answered();
    return rejections;
  }

  #countReload(): void {
    const { registry, stats, wallMs } = this.#parts;
    const { base } = registry.scope(PREFIX, CDS_STATS);
    stats.slots[base + CDS_STATS.at.config_reload]! += 1;
    stats.slots[base + CDS_STATS.at.config_reload_time_ms] = wallMs();
  }

  #answered(): void {
    const onAnswer = this.#onAnswer;
    this.#onAnswer = null;
    onAnswer?.();
  }
}
