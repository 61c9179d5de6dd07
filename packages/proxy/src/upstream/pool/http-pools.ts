import type { Cluster } from "../cluster.ts";
import type { Host } from "../host.ts";
import { Resource } from "../shared/breaker-memory.ts";
import { AutoProtocol } from "./auto-protocol.ts";
import { transportSocketsOf } from "./connect-options.ts";
import { HttpPool, type PoolServices } from "./http-pool.ts";
import { Http1Protocol } from "./http1-protocol.ts";
import { Http2Protocol } from "./http2-protocol.ts";
import type { PoolProtocol } from "./pool-protocol.ts";
import type { RequestPool } from "./pool-request.ts";
import type { RequestedNames } from "./requested-names.ts";
import { TunnelProtocol } from "./tunnel-protocol.ts";
import { UdpPool } from "./udp-pool.ts";

/** What the connections of a pool carry. */
type ConnectionKind = "http1" | "http2" | "auto" | "tunnel";

/** Where a request goes: to connections, or to a UDP socket. */
export type PoolKind = ConnectionKind | "udp";

const PROTOCOLS = {
  http1: Http1Protocol,
  http2: Http2Protocol,
  auto: AutoProtocol,
  tunnel: TunnelProtocol,
} satisfies { [Kind in ConnectionKind]: new (cluster: Cluster) => PoolProtocol };

/** The pools of one host: one per routing priority and kind, made when first needed. */
class HostPools {
  readonly default: PoolsByKind = { http1: null, http2: null, auto: null, tunnel: null };
  readonly high: PoolsByKind = { http1: null, http2: null, auto: null, tunnel: null };
  /** Of requests that bring names for TLS; made when the first of them comes. */
  named: Map<string, HttpPool> | null = null;
}

type PoolsByKind = { [Kind in ConnectionKind]: HttpPool | null };

/** All HTTP connection pools of one worker. They live on their hosts, so a host that stays keeps its connections. */
export class HttpPools {
  readonly #services: PoolServices;

  constructor(services: PoolServices) {
    this.#services = services;
  }

  /** Null when max_connection_pools are reached. */
  of(
    cluster: Cluster,
    host: Host,
    priority: "default" | "high",
    kind: PoolKind,
    names: RequestedNames | null,
  ): RequestPool | null {
    if (kind === "udp") return new UdpPool(cluster, host, this.#services);
    const pools = (host.httpPool ??= new HostPools()) as HostPools;
    if (names !== null && transportSocketsOf(cluster, this.#services) !== null)
      return this.#named(pools, cluster, host, priority, kind, names);
    return (pools[priority][kind] ??= this.#create(cluster, host, priority, kind, null));
  }

  /** Requests choose these names, so a pool of theirs goes with its last connection. */
  #named(
    pools: HostPools,
    cluster: Cluster,
    host: Host,
    priority: "default" | "high",
    kind: ConnectionKind,
    names: RequestedNames,
  ): HttpPool | null {
    const key = [priority, kind, names.serverName, ...(names.expectedNames ?? [])].join(" ");
    const named = (pools.named ??= new Map());
    let pool = named.get(key) ?? null;
    if (pool === null) {
      pool = this.#create(cluster, host, priority, kind, names);
      if (pool === null) return null;
      named.set(key, pool);
      pool.onEmpty = (): void => void named.delete(key);
    }
    return pool;
  }

  /** The host left, or failed: idle connections close, busy ones after their request. What follows gets new ones. */
  drain(host: Host): void {
    const pools = host.httpPool as HostPools | null;
    if (pools === null) return;
    host.httpPool = null;
    for (const byKind of [pools.default, pools.high]) {
      for (const pool of Object.values(byKind)) pool?.drain();
    }
    for (const pool of Array.from(pools.named?.values() ?? [])) pool.drain();
  }

  /** The runtime may keep new pools from HTTP/2. */
  #spoken(kind: ConnectionKind): ConnectionKind {
    const { worker } = this.#services;
    if (kind !== "http2" || worker.runtime.values.size === 0) return kind;
    const percent = worker.runtime.integer("upstream.use_http2", 100);
    return worker.random() * 100 < percent ? "http2" : "http1";
  }

  #create(
    cluster: Cluster,
    host: Host,
    priority: "default" | "high",
    kind: ConnectionKind,
    names: RequestedNames | null,
  ): HttpPool | null {
    const resources = cluster.breakers[priority];
    if (!resources.tryAcquire(Resource.ConnectionPools)) return null;
    const protocol = new PROTOCOLS[this.#spoken(kind)](cluster);
    return new HttpPool(cluster, host, resources, protocol, this.#services, {
      serverName: names?.serverName ?? "",
      expectedNames: names?.expectedNames ?? null,
      alpnFallback: protocol.alpn,
      alpnOverride: null,
    });
  }
}
