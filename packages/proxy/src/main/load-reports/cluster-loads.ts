import type { ClusterLoad, LoadSource } from "@nuncio/xds";
import type { Address } from "../../observe/stream-info.ts";
import type { ClusterManager } from "../../upstream/manager/cluster-manager.ts";
import type { HostLoad, LoadCounts, LocalityLoad } from "../../upstream/manager/load-counters.ts";
import type { ManagedCluster } from "../../upstream/manager/managed-cluster.ts";

/** The clusters' load in the words of LRS. */
export class ClusterLoads implements LoadSource {
  readonly #clusters: ClusterManager;

  constructor(clusters: ClusterManager) {
    this.#clusters = clusters;
    clusters.addListener({ onClusterRemoval: (name) => clusters.loads.forget(name) });
  }

  clusterNames(): Iterable<string> {
    return this.#clusters.names;
  }

  begin(name: string): void {
    const cluster = this.#clusters.get(name);
    if (cluster !== undefined) this.#clusters.loads.begin(cluster);
  }

  take(name: string, byEndpoint: boolean): ClusterLoad | null {
    const cluster = this.#clusters.get(name);
    if (cluster === undefined) return null;
    const { localities, dropped, dropOverload } = this.#clusters.loads.take(cluster);
    return {
      clusterServiceName: serviceNameOf(cluster),
      upstreamLocalityStats: localities.flatMap((locality) => localityStats(locality, byEndpoint)),
      totalDroppedRequests: BigInt(dropped),
      droppedRequests:
        dropOverload === 0
          ? []
          : [{ category: cluster.hosts.dropCategory, droppedCount: BigInt(dropOverload) }],
    };
  }
}

function serviceNameOf({ definition: { discovery } }: ManagedCluster): string {
  return discovery.type === "EDS" ? discovery.eds.givenServiceName : "";
}

type LocalityStats = NonNullable<ClusterLoad["upstreamLocalityStats"]>[number];

/** Nothing of a locality where nothing was under way. */
function localityStats(load: LocalityLoad, byEndpoint: boolean): LocalityStats[] {
  const { locality, priority, hosts } = load;
  const sum = { issued: 0, success: 0, error: 0, active: 0 };
  for (const host of hosts) add(sum, host);
  if (!isUsed(sum)) return [];
  const { region, zone, subZone } = locality;
  return [
    {
      locality: { region, zone, subZone },
      priority,
      ...totals(sum),
      upstreamEndpointStats: byEndpoint ? hosts.map(endpointStats) : [],
    },
  ];
}

function isUsed({ issued, success, error, active }: LoadCounts): boolean {
  return issued + success + error + active > 0;
}

function add(sum: LoadCounts, { issued, success, error, active }: LoadCounts): void {
  sum.issued += issued;
  sum.success += success;
  sum.error += error;
  sum.active += active;
}

function endpointStats(host: HostLoad): object {
  return { address: addressMessage(host.address), ...totals(host) };
}

function totals({ issued, success, error, active }: LoadCounts): {
  totalIssuedRequests: bigint;
  totalSuccessfulRequests: bigint;
  totalErrorRequests: bigint;
  totalRequestsInProgress: bigint;
} {
  return {
    totalIssuedRequests: BigInt(issued),
    totalSuccessfulRequests: BigInt(success),
    totalErrorRequests: BigInt(error),
    totalRequestsInProgress: BigInt(active),
  };
}

function addressMessage({ ip, port, text }: Address): object {
  if (port === 0 && ip === text) return { address: { case: "pipe", value: { path: text } } };
  const portSpecifier = { case: "portValue", value: port };
  return { address: { case: "socketAddress", value: { address: ip, portSpecifier } } };
}
