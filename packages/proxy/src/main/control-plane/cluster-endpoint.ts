import net from "node:net";
import type { Http2ExchangeOptions } from "@nuncio/xds";
import type { Address } from "../../observe/stream-info.ts";
import { pipePath } from "../../transport/connect.ts";
import type { TlsContexts } from "../../transport/tls/config/tls-contexts.ts";
import type { UpstreamTlsConfig } from "../../transport/tls/model.ts";
import type { ClusterConfig, HostData, HostSetData } from "../../upstream/model.ts";
import { isHealthy, type HostCounter } from "../../upstream/shared/host-memory.ts";
import { findTransportSocketMatch } from "../../upstream/transport-socket-match.ts";
import type { EndpointsNow } from "./cluster-transports.ts";
import type { ControlPlaneTraffic } from "./control-plane-traffic.ts";
import { secureSocket } from "./secure-socket.ts";

/** A cluster as main knows it. */
export interface ControlPlaneCluster {
  readonly definition: { readonly config: ClusterConfig };
  readonly hosts: {
    /** By priority. */
    readonly hostSets: readonly HostSetData[];
    healthFlags(slot: number): number;
    count(slot: number, counter: HostCounter, by: number): void;
  };
}

/** Finds a cluster by its name; undefined while there is none that serves. */
export type FindCluster = (name: string) => ControlPlaneCluster | undefined;

/** What endpoints are made of. */
export interface EndpointParts {
  readonly findCluster: FindCluster;
  readonly contexts: TlsContexts;
  readonly traffic: ControlPlaneTraffic;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** See `GrpcEndpoint`. */
  readonly restMs: () => number;
}

/** Which connection decides where it leads, not the URL. */
const URL_OF_ALL = "http://control-plane";

/**
 * Control planes are reached at the hosts of their clusters, each time at another one. What cannot be reached throws, with the
 * reason.
 */
export function clusterEndpoints(parts: EndpointParts): EndpointsNow {
  return {
    grpc({ service: { targetSpecifier: target } }) {
      if (target.case !== "envoyGrpc") throw new Error("not implemented yet: google_grpc");
      const { clusterName, authority } = target.value;
      const { config, host } = choose(clusterName, parts);
      const { observer, createConnection } = parts.traffic.connection(config, host, true, () =>
        connectTo(host, config, parts.contexts, ["h2"]),
      );
      return {
        url: URL_OF_ALL,
        authority: authority === "" ? clusterName : authority,
        observer,
        createConnection,
        restMs: parts.restMs,
        ...http2Settings(config),
      };
    },
    rest({ clusterName }) {
      const { config, host } = choose(clusterName, parts);
      const isHttp2 = config.http.protocol === "http2";
      const protocols = isHttp2 ? ["h2"] : ["http/1.1"];
      const { observer, createConnection } = parts.traffic.connection(config, host, isHttp2, () =>
        connectTo(host, config, parts.contexts, protocols),
      );
      return {
        url: URL_OF_ALL,
        authority: clusterName,
        http2: isHttp2,
        observer,
        createConnection,
      };
    },
  };
}

function choose(
  name: string,
  { findCluster, traffic, random }: EndpointParts,
): { config: ClusterConfig; host: HostData } {
  const cluster = findCluster(name);
  if (cluster === undefined) throw new Error(`unknown cluster '${name}'`);
  const { config } = cluster.definition;
  const hosts = healthyHosts(cluster);
  const host = hosts[Math.floor(random() * hosts.length)];
  if (host !== undefined) return { config, host };
  traffic.countNoneHealthy(config);
  throw new Error(`no healthy host in cluster '${name}'`);
}

/** The cluster's own settings of HTTP/2, where it has any. */
function http2Settings({
  http: { http2 },
}: ClusterConfig): Pick<Http2ExchangeOptions, "http2" | "ping"> {
  if (http2 === null) return {};
  const { options, keepalive } = http2;
  return {
    http2: options,
    ...(keepalive !== null && keepalive.intervalMs > 0 && { ping: keepalive }),
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

function connectTo(
  host: HostData,
  config: ClusterConfig,
  contexts: TlsContexts,
  protocols: string[],
): net.Socket {
  const socket = plainSocket(host.address);
  socket.setNoDelay(true);
  const context = tlsOf(config, host);
  return context === null
    ? socket
    : secureSocket(socket, contexts.newest(context), host, protocols);
}

function plainSocket({ ip, port, text }: Address): net.Socket {
  return port === 0 && ip === text ? net.connect(pipePath(text)) : net.connect(port, ip);
}

function tlsOf({ transportSockets }: ClusterConfig, host: HostData): UpstreamTlsConfig | null {
  if (transportSockets === null) return null;
  const match = findTransportSocketMatch(transportSockets, host.metadata);
  return match === null ? transportSockets.otherwise : match.socket;
}
