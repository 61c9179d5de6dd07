import type { ConfigSource } from "@nuncio/api/types/envoy/config/core/v3/config_source_pb";
import type { InitTarget, OnDemandClusterSource } from "../../config/context.ts";
import type { ConfigUpdate, Rejection, Watch } from "../../config/subscriptions.ts";
import { SUBSCRIPTION_STATS } from "../../observe/stats/tables/subscription.ts";
import type { ClusterTaker } from "./cluster-taker.ts";
import type { LiveParts } from "./live-parts.ts";
import { sourceKey } from "./source-key.ts";
import { countSubscription } from "./subscription-counters.ts";
import { Waiting, type OnFound } from "./waiting.ts";

const TYPE_URL = "type.googleapis.com/envoy.config.cluster.v3.Cluster";

/** What asks for clusters and is told of them. */
export interface OnDemandParts {
  readonly live: LiveParts;
  readonly taker: ClusterTaker;
  /** A cluster of that name serves. */
  hasCluster(name: string): boolean;
}

/** Clusters that are asked for by name when a request needs them (Envoy's `OdCdsApi`). */
export class OnDemandClusters implements OnDemandClusterSource {
  readonly #sources = new Map<string, OnDemandSource>();
  #parts: OnDemandParts | null = null;
  #count = 0;

  /** From now on what is needed is asked for. */
  start(parts: OnDemandParts): void {
    this.#parts = parts;
  }

  of(source: ConfigSource): OnDemandSource {
    const key = sourceKey(source);
    let entry = this.#sources.get(key);
    if (entry === undefined) {
      entry = new OnDemandSource(++this.#count, source, () => this.#sources.delete(key));
      this.#sources.set(key, entry);
    }
    return entry.hold();
  }

  demand(sourceId: number, name: string, onFound: OnFound): void {
    const source = [...this.#sources.values()].find(({ id }) => id === sourceId);
    if (this.#parts!.hasCluster(name)) onFound(true);
    else if (source === undefined) onFound(false);
    else source.demand(name, this.#parts!, onFound);
  }

  /** A cluster serves, wherever it came from. */
  onCluster(name: string): void {
    for (const source of this.#sources.values()) source.onCluster(name);
  }
}

/** One source of clusters. It is not asked for anything before the first demand. */
class OnDemandSource implements InitTarget {
  readonly name = "clusters on demand";
  readonly id: number;
  readonly #source: ConfigSource;
  readonly #end: () => void;
  readonly #waiting = new Waiting();
  #users = 0;
  #watch: Watch | null = null;

  constructor(id: number, source: ConfigSource, end: () => void) {
    this.id = id;
    this.#source = source;
    this.#end = end;
  }

  /** One more needs it. */
  hold(): this {
    this.#users += 1;
    return this;
  }

  /** Nobody has to wait for what may be asked for later. */
  whenReady(onReady: () => void): void {
    onReady();
  }

  release(): void {
    this.#users -= 1;
    if (this.#users > 0) return;
    // Its clusters stay, as in Envoy; nobody follows them any more.
    this.#watch?.cancel();
    this.#watch = null;
    this.#waiting.settleAll(false);
    this.#end();
  }

  demand(name: string, parts: OnDemandParts, onFound: OnFound): void {
    if (!this.#waiting.add(name, onFound)) return;
    if (this.#watch === null) this.#watch = this.#subscribe(name, parts);
    else this.#watch.addNames([name]);
  }

  onCluster(name: string): void {
    this.#waiting.settle(name, true);
  }

  #subscribe(name: string, parts: OnDemandParts): Watch {
    const { subscriptions, registry } = parts.live;
    const scope = registry.scope("cluster_manager.odcds.", SUBSCRIPTION_STATS);
    return subscriptions.watch({
      typeUrl: TYPE_URL,
      source: this.#source,
      names: [name],
      stats: countSubscription(scope, SUBSCRIPTION_STATS, parts.live),
      callbacks: {
        onConfigUpdate: (update) => this.#take(update, parts),
        onFetchTimeout() {},
      },
    });
  }

  #take({ added, removed }: ConfigUpdate, { taker }: OnDemandParts): Rejection[] {
    const sender = { source: this.#source, watch: this.#watch };
    const rejections = added.flatMap((resource) => taker.take(resource, sender));
    for (const { name } of rejections) this.#waiting.settle(name!, false);
    for (const name of removed) {
      taker.remove(name);
      this.#waiting.settle(name, false);
    }
    // The next demand asks again.
    if (removed.length > 0) this.#watch?.removeNames(removed);
    return rejections;
  }
}
