import type { ResourceManager } from "../circuit-breakers.ts";
import type { Cluster } from "../cluster.ts";
import type { Host } from "../host.ts";
import { Resource } from "../shared/breaker-memory.ts";
import type { HttpPool, PoolServices } from "./http-pool.ts";
import { Http1Pool } from "./http1-pool.ts";
import { Http2Pool } from "./http2-pool.ts";
import { TcpPool } from "./tcp-pool.ts";

/** What the connections of a pool carry; `tcp`: the bytes of a tunnel. */
export type PoolKind = "http1" | "http2" | "tcp";

const POOLS = { http1: Http1Pool, http2: Http2Pool, tcp: TcpPool } satisfies {
  [Kind in PoolKind]: new (
    cluster: Cluster,
    host: Host,
    resources: ResourceManager,
    services: PoolServices,
  ) => HttpPool;
};

/** The pools of one host: one per routing priority and kind, made when first needed. */
class HostPools {
  readonly default: PoolsByKind = { http1: null, http2: null, tcp: null };
  readonly high: PoolsByKind = { http1: null, http2: null, tcp: null };
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
    return new POOLS[kind](cluster, host, resources, this.#services);
  }
}
