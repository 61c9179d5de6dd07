import type { Clusters } from "../../../upstream/clusters.ts";
import type { HealthCheckConfig } from "./model.ts";

/** What is wrong with a cluster, as statistics and %RESPONSE_CODE_DETAILS% tell it. */
export interface ClusterFailure {
  readonly stat: "failed_cluster_not_found" | "failed_cluster_empty" | "failed_cluster_unhealthy";
  readonly details: string;
}

const NOT_FOUND: ClusterFailure = {
  stat: "failed_cluster_not_found",
  details: "health_check_failed_no_cluster_found",
};
const EMPTY: ClusterFailure = {
  stat: "failed_cluster_empty",
  details: "health_check_failed_cluster_empty",
};
const UNHEALTHY: ClusterFailure = {
  stat: "failed_cluster_unhealthy",
  details: "health_check_failed_cluster_unhealthy",
};

/** The first cluster of which too few hosts are healthy or degraded; null for none. */
export function findFailure(
  percents: HealthCheckConfig["minHealthyPercents"],
  clusters: Clusters,
): ClusterFailure | null {
  for (const [name, percent] of percents) {
    const cluster = clusters.get(name);
    if (cluster === undefined) return NOT_FOUND;
    let total = 0;
    let available = 0;
    for (const hostSet of cluster.hostSets) {
      total += hostSet.hosts.length;
      available += hostSet.healthy.length + hostSet.degraded.length;
    }
    if (total === 0) {
      if (percent > 0) return EMPTY;
    } else if (available * 100 < total * percent) return UNHEALTHY;
  }
  return null;
}
