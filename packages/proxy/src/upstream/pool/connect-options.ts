import type { ConnectOptions } from "../../transport/connect.ts";
import type { UpstreamTransportOptions } from "../../transport/transport-socket.ts";
import type { Cluster } from "../cluster.ts";
import type { Host } from "../host.ts";
import { TransportSockets } from "../transport-sockets.ts";
import type { PoolServices } from "./http-pool.ts";

/** How a connection to a host of the cluster is made; `options` matter where something lies over its socket. */
export function connectOptionsFor(
  cluster: Cluster,
  host: Host,
  services: PoolServices,
  options: UpstreamTransportOptions,
): ConnectOptions {
  const { connectTimeoutMs, perConnectionBufferLimitBytes, sourceAddress, tcpKeepalive } =
    cluster.config;
  const socket = transportSocketsOf(cluster, services)?.for(host) ?? null;
  return {
    timeoutMs: connectTimeoutMs,
    bufferLimitBytes: perConnectionBufferLimitBytes,
    sourceIp: sourceAddress?.ip ?? "",
    keepaliveSeconds: tcpKeepalive === null ? 0 : tcpKeepalive.timeS || KEEPALIVE_SECONDS,
    secure: socket === null ? null : { socket, host, options },
  };
}

/** Null when all hosts of the cluster are reached over plain sockets. Made with the first connection. */
export function transportSocketsOf(
  cluster: Cluster,
  services: PoolServices,
): TransportSockets | null {
  const { transportSockets: config } = cluster.config;
  if (config === null) return null;
  return (cluster.transportSockets ??= new TransportSockets(config, services.tlsSockets));
}

/** Linux's tcp_keepalive_time, for a `tcp_keepalive` that leaves it out. */
const KEEPALIVE_SECONDS = 7200;
