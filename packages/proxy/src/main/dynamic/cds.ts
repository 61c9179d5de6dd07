import type { Cluster } from "@nuncio/api/types/envoy/config/cluster/v3/cluster_pb";
import type { ConfigSource } from "@nuncio/api/types/envoy/config/core/v3/config_source_pb";
import type { InitTarget } from "../../config/context.ts";
import type {
  ConfigUpdate,
  ReceivedResource,
  Rejection,
  Watch,
} from "../../config/subscriptions.ts";
import { SUBSCRIPTION_STATS } from "../../observe/stats/tables/subscription.ts";
import { compileCluster } from "../../upstream/compile/cluster.ts";
import type { ClusterDefinition } from "../../upstream/definition.ts";
import type { LiveClusters } from "./live-clusters.ts";
import type { LiveParts } from "./live-parts.ts";
import { compileResource } from "./resource-compiler.ts";
import { countSubscription } from "./subscription-counters.ts";

const TYPE_URL = "type.googleapis.com/envoy.config.cluster.v3.Cluster";

/** Clusters that a control plane gives (Envoy's `CdsApi`). Those of the bootstrap stay what they are. */
export class CdsApi {
  readonly #parts: LiveParts;
  readonly #clusters: LiveClusters;
  readonly #static: ReadonlySet<string>;
  readonly #primary: ReadonlySet<string>;
  #source: ConfigSource | null = null;
  #watch: Watch | null = null;
  #onAnswer: (() => void) | null = null;

  /** Clusters of the bootstrap: all, and those by which a control plane may be reached. */
  constructor(
    parts: LiveParts,
    clusters: LiveClusters,
    staticNames: ReadonlySet<string>,
    primaryNames: ReadonlySet<string>,
  ) {
    this.#parts = parts;
    this.#clusters = clusters;
    this.#static = staticNames;
    this.#primary = primaryNames;
  }

  /** Calls back once, when there was an answer, or none in its time. */
  start(source: ConfigSource | null, names: readonly string[], onAnswer: () => void): void {
    const { registry, stats, wallMs, subscriptions } = this.#parts;
    const scope = registry.scope("cluster_manager.cds.", SUBSCRIPTION_STATS);
    this.#onAnswer = onAnswer;
    this.#source = source;
    this.#watch = subscriptions.watch({
      typeUrl: TYPE_URL,
      source,
      names,
      stats: countSubscription(scope, SUBSCRIPTION_STATS, stats, wallMs),
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
    const rejections = added.flatMap((resource) => this.#add(resource));
    for (const name of removed) if (!this.#static.has(name)) this.#clusters.remove(name);
    this.#answered();
    return rejections;
  }

  #add(resource: ReceivedResource): Rejection[] {
    const targets: InitTarget[] = [];
    const { name } = resource;
    if (this.#static.has(name)) return [];
    const compiled = compileResource<Cluster, ClusterDefinition>(
      resource,
      { ...this.#parts.context, targets },
      this.#parts.allowUnimplemented,
      (message, ctx) => compileCluster(message, ctx, this.#primary),
    );
    if ("error" in compiled) return [{ name, message: compiled.error }];
    const source = this.#source ?? undefined;
    const error = this.#clusters.set(compiled.plain, targets, {
      origin: { addedViaApi: true, ...(source !== undefined && { source }) },
      onServing: () => this.#watch?.setWaitsFor(name, null),
    });
    if (error !== null) return [{ name, message: error }];
    const missing = this.#clusters.missing(name);
    if (missing.length > 0) this.#watch?.setWaitsFor(name, missing.join(", "));
    return [];
  }

  #answered(): void {
    const onAnswer = this.#onAnswer;
    this.#onAnswer = null;
    onAnswer?.();
  }
}
