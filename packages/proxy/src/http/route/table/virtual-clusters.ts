import type { HeaderMap } from "@nuncio/codec";
import type { WorkerStats } from "../../../observe/stats/definition.ts";
import { buildHeaderMatcher, type HeaderTestFunction } from "../matchers/header-matcher.ts";
import type { VirtualClustersConfig } from "../model.ts";
import { ScopeRequestStats, type RequestStats } from "./request-stats.ts";

/** One of a virtual host's `virtual_clusters`, or what is left over. */
export interface VirtualCluster {
  /** Empty for what is left over. */
  readonly name: string;
  readonly stats: RequestStats;
}

/** The virtual clusters of a virtual host. */
export class VirtualClusters {
  readonly #clusters: readonly (VirtualCluster & {
    readonly tests: readonly HeaderTestFunction[];
  })[];
  readonly #other: VirtualCluster;

  constructor(config: VirtualClustersConfig, stats: WorkerStats) {
    this.#clusters = config.clusters.map(({ name, headers, scope }) => ({
      name,
      tests: headers.map(buildHeaderMatcher),
      stats: new ScopeRequestStats(stats, scope),
    }));
    this.#other = { name: "", stats: new ScopeRequestStats(stats, config.otherScope) };
  }

  /** The first whose headers all match. */
  of(headers: HeaderMap): VirtualCluster {
    for (const cluster of this.#clusters)
      if (cluster.tests.every((test) => test(headers))) return cluster;
    return this.#other;
  }
}
