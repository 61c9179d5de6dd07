import type { Cluster } from "../cluster.ts";
import type { PoolKind } from "./http-pools.ts";

/** What a request goes out as. `downstreamProtocol`: what it came in as, `HTTP/2` for example. */
export function poolKindFor(cluster: Cluster, downstreamProtocol: string): PoolKind {
  const { pool, protocol } = cluster.config.http;
  if (pool === "tcp") return "tunnel";
  if (pool === "udp") return "udp";
  if (protocol === "downstream") return downstreamProtocol === "HTTP/2" ? "http2" : "http1";
  return protocol;
}
