import type { HeaderMap } from "@nuncio/codec";
import type { Cluster } from "../../upstream/cluster.ts";
import type { Clusters } from "../../upstream/clusters.ts";
import type { StreamFilterCallbacks } from "../filter.ts";

/** The cluster that a request goes to as it is now; null when it goes to none. */
export function clusterOfRequest(
  clusters: Clusters,
  callbacks: StreamFilterCallbacks,
  headers: HeaderMap,
): Cluster | null {
  const route = callbacks.route();
  return route?.kind === "route" ? (clusters.get(route.clusterName(headers)) ?? null) : null;
}
