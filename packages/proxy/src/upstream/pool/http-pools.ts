import type { Cluster } from "../cluster.ts";
import type { Host } from "../host.ts";
import { Resource } from "../shared/breaker-memory.ts";
import { AutoProtocol } from "./auto-protocol.ts";
import { HttpPool, type PoolServices } from "./http-pool.ts";
import { Http1Protocol } from "./http1-protocol.ts";
import { Http2Protocol } from "./http2-protocol.ts";
import type { PoolProtocol } from "./pool-protocol.ts";
import { TunnelProtocol } from "./tunnel-protocol.ts";

/** What the connections of a pool carry. */
export type PoolKind = "http1" | "http2" | "auto" | "tunnel";

const PROTOCOLS = {
  http1: Http1Protocol,
  http2: Http2Protocol,
  auto: AutoProtocol,
  tunnel: TunnelProtocol,
} satisfies { [Kind in PoolKind]: new (cluster: Cluster) => PoolProtocol };

/** The pools of one host: one per routing priority and kind, made when first needed. */
class HostPools {
  readonly default: PoolsByKind = { http1: null, http2: null, auto: null, tunnel: null };
  readonly high: PoolsByKind = { http1: null, http2: null, auto: null, tunnel: null };
}

type PoolsByKind = { [Kind in PoolKind]: HttpPool | null };

/** All HTTP connection pools of one worker. They live on their hosts, so a host that stays keeps its connections. */
export class HttpPools {
  readonly #services: PoolServices;

  constructor(services: PoolServices) {
    this.#services = services;
  }

  /** Null when max_connection_pools are reached. */
  of(cluster: Cluster, host: Host, priority: "default" | "high", kind: PoolKind): HttpPool | null {
    const pools = (host.httpPool ??= new HostPools()) as HostPools;
    return (pools[priority][kind] ??= this.#create(cluster, host, priority, kind));
  }

  /** The host left: idle connections close, busy ones after their request. */
  drain(host: Host): void {
    const pools = host.httpPool as HostPools | null;
    if (pools === null) return;
    for (const byKind of [pools.default, pools.high]) {
      for (const pool of Object.values(byKind)) pool?.drain();
    }
  }

  #create(
    cluster: Cluster,
    host: Host,
    priority: "default" | "high",
    kind: PoolKind,
  ): HttpPool | null {
    const resources = cluster.breakers[priority];
    if (!resources.tryAcquire(Resource.ConnectionPools)) return null;
    const protocol = new PROTOCOLS[kind](cluster);
    return new HttpPool(cluster, host, resources, protocol, this.#services);
  }
}
