import type { Cluster } from "@nuncio/api/types/envoy/config/cluster/v3/cluster_pb";
import type { ConfigSource } from "@nuncio/api/types/envoy/config/core/v3/config_source_pb";
import type { InitTarget } from "../../config/context.ts";
import type { ReceivedResource, Rejection, Watch } from "../../config/subscriptions.ts";
import { compileCluster } from "../../upstream/compile/cluster.ts";
import type { ClusterDefinition } from "../../upstream/definition.ts";
import type { LiveClusters } from "./live-clusters.ts";
import type { LiveParts } from "./live-parts.ts";
import { compileResource } from "./resource-compiler.ts";

/** Where a cluster came from. */
export interface ClusterSender {
  readonly source: ConfigSource | null;
  readonly watch: Watch | null;
}

/** Takes clusters that control planes give. Those of the bootstrap stay what they are. */
export class ClusterTaker {
  readonly #parts: LiveParts;
  readonly #clusters: LiveClusters;
  readonly #static: ReadonlySet<string>;
  readonly #primary: ReadonlySet<string>;

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

  /** What stands against it; nothing when it serves, or waits for what it needs. */
  take(resource: ReceivedResource, { source, watch }: ClusterSender): Rejection[] {
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
    const error = this.#clusters.set(compiled.plain, targets, {
      origin: { addedViaApi: true, ...(source !== null && { source }) },
      onServing: () => watch?.setWaitsFor(name, null),
    });
    if (error !== null) return [{ name, message: error }];
    const missing = this.#clusters.missing(name);
    if (missing.length > 0) watch?.setWaitsFor(name, missing.join(", "));
    return [];
  }

  remove(name: string): void {
    if (!this.#static.has(name)) this.#clusters.remove(name);
  }
}
