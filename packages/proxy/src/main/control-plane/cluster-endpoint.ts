import net from "node:net";
import type { Duplex } from "node:stream";
import type { Address } from "../../observe/stream-info.ts";
import { pipePath } from "../../transport/connect.ts";
import type { TlsContexts } from "../../transport/tls/config/tls-contexts.ts";
import type { UpstreamTlsConfig } from "../../transport/tls/model.ts";
import type { ClusterConfig, HostData, HostSetData } from "../../upstream/model.ts";
import { isHealthy } from "../../upstream/shared/host-memory.ts";
import { findTransportSocketMatch } from "../../upstream/transport-socket-match.ts";
import type { EndpointsNow } from "./cluster-transports.ts";
import { secureSocket } from "./secure-socket.ts";

/** A cluster as main knows it. */
export interface ControlPlaneCluster {
  readonly definition: { readonly config: ClusterConfig };
  readonly hosts: {
    /** By priority. */
    readonly hostSets: readonly HostSetData[];
    healthFlags(slot: number): number;
  };
}

/** Finds a cluster by its name; undefined while there is none that serves. */
export type FindCluster = (name: string) => ControlPlaneCluster | undefined;

/**
 * Control planes are reached at the hosts of their clusters, each time at another one. `random` is uniform in [0, 1).
 * What cannot be reached throws, with the reason.
 */
export function clusterEndpoints(
  findCluster: FindCluster,
  contexts: TlsContexts,
  random: () => number,
): EndpointsNow {
  const choose = (name: string): { config: ClusterConfig; host: HostData } => {
    const cluster = findCluster(name);
    if (cluster === undefined) throw new Error(`unknown cluster '${name}'`);
    const hosts = healthyHosts(cluster);
    const host = hosts[Math.floor(random() * hosts.length)];
    if (host === undefined) throw new Error(`no healthy host in cluster '${name}'`);
    return { config: cluster.definition.config, host };
  };
  return {
    grpc({ service: { targetSpecifier: target } }) {
      if (target.case !== "envoyGrpc") throw new Error("not implemented yet: google_grpc");
      const { clusterName, authority } = target.value;
      const { config, host } = choose(clusterName);
      const scheme = tlsOf(config, host) === null ? "http" : "https";
      return {
        url: `${scheme}://${authority === "" ? clusterName : authority}`,
        sessionOptions: { createConnection: () => connectTo(host, config, contexts) },
      };
    },
    rest({ clusterName }) {
      const { config, host } = choose(clusterName);
      const { text, port } = host.address;
      if (tlsOf(config, host) !== null || port === 0)
        throw new Error(
          `not implemented yet: REST over TLS or a pipe, as cluster '${clusterName}' wants it`,
        );
      return `http://${text}`;
    },
  };
}

/** Of the first priority that has any. */
function healthyHosts({ hosts }: ControlPlaneCluster): readonly HostData[] {
  for (const { hosts: all } of hosts.hostSets) {
    const healthy = all.filter(({ slot }) => isHealthy(hosts.healthFlags(slot)));
    if (healthy.length > 0) return healthy;
  }
  return [];
}

function connectTo(host: HostData, config: ClusterConfig, contexts: TlsContexts): Duplex {
  const socket = plainSocket(host.address);
  socket.setNoDelay(true);
  const context = tlsOf(config, host);
  return context === null ? socket : secureSocket(socket, contexts.newest(context), host);
}

function plainSocket({ ip, port, text }: Address): net.Socket {
  return port === 0 && ip === text ? net.connect(pipePath(text)) : net.connect(port, ip);
}

function tlsOf({ transportSockets }: ClusterConfig, host: HostData): UpstreamTlsConfig | null {
  if (transportSockets === null) return null;
  const match = findTransportSocketMatch(transportSockets, host.metadata);
  return match === null ? transportSockets.otherwise : match.socket;
}
