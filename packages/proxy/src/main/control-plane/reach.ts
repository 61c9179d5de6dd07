import type { DescMethod, Message } from "@bufbuild/protobuf";
import type { ClientTransports, GrpcSource, StreamTransport } from "@nuncio/xds";
import type { StatsRegistry, WorkerStats } from "../../observe/stats/definition.ts";
import type { TlsContexts } from "../../transport/tls/config/tls-contexts.ts";
import { clusterEndpoints, type FindCluster } from "./cluster-endpoint.ts";
import { clusterStream, clusterTransports } from "./cluster-transports.ts";
import { ControlPlaneTraffic } from "./control-plane-traffic.ts";

/** Statistics, and who reads them. */
export interface ReadStats extends StatsRegistry {
  /** `refresh` is called before somebody reads. */
  onRead(refresh: () => void): void;
}

/** How control planes are reached: by connections of main's own to hosts of clusters. */
export interface ControlPlaneReach {
  readonly transports: ClientTransports;
  /** Streams of a method, to a host that is looked up anew for each of them. */
  stream<Request extends Message, Response extends Message>(
    source: GrpcSource,
    method: DescMethod,
  ): StreamTransport<Request, Response>;
}

/**
 * Reaches control planes at the hosts of the clusters that their sources name, counted in the statistics of these.
 *
 * @param restMs see `GrpcEndpoint`
 */
export function reachControlPlanes(
  contexts: TlsContexts,
  findCluster: FindCluster,
  registry: ReadStats,
  stats: WorkerStats,
  restMs: () => number,
): ControlPlaneReach {
  const traffic = new ControlPlaneTraffic(stats, findCluster);
  registry.onRead(() => traffic.refresh());
  const endpoints = clusterEndpoints({
    findCluster,
    contexts,
    traffic,
    random: Math.random,
    restMs,
  });
  return {
    transports: clusterTransports(endpoints),
    stream: (source, method) => clusterStream(endpoints, source, method),
  };
}
