import type { HeaderMap } from "@nuncio/codec";
import type { StreamInfo } from "../../../observe/stream-info.ts";
import type { RouteConfig } from "../model.ts";
import { PairedRequestStats, ScopeRequestStats, type RequestStats } from "./request-stats.ts";
import type { VirtualCluster, VirtualClusters } from "./virtual-clusters.ts";
import type { VirtualHost } from "./virtual-host.ts";

/** What counts the requests of one route beside their clusters: its `stat_prefix`, and their virtual clusters. */
export class RouteStats {
  readonly #clusters: VirtualClusters | null;
  readonly #own: RequestStats | null;
  readonly #pairs = new Map<VirtualCluster, RequestStats>();

  constructor(clusters: VirtualClusters | null, own: RequestStats | null) {
    this.#clusters = clusters;
    this.#own = own;
  }

  /** Notes the virtual cluster's name in `info`. */
  of(headers: HeaderMap, info: StreamInfo): RequestStats | null {
    if (this.#clusters === null) return this.#own;
    const cluster = this.#clusters.of(headers);
    info.virtualClusterName = cluster.name;
    if (this.#own === null) return cluster.stats;
    let pair = this.#pairs.get(cluster);
    if (pair === undefined) {
      pair = new PairedRequestStats(cluster.stats, this.#own);
      this.#pairs.set(cluster, pair);
    }
    return pair;
  }
}

/** Null when nothing counts. */
export function buildRouteStats(virtualHost: VirtualHost, route: RouteConfig): RouteStats | null {
  const { virtualClusters, deps } = virtualHost;
  const { statScope } = route;
  if (statScope === undefined)
    return virtualClusters === null ? null : new RouteStats(virtualClusters, null);
  return new RouteStats(virtualClusters, new ScopeRequestStats(deps.worker.stats, statScope));
}
