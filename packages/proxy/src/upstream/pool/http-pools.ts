import type { Http1Options } from "@nuncio/codec";
import type { Cluster } from "../cluster.ts";
import type { Host } from "../host.ts";
import { Resource } from "../shared/breaker-memory.ts";
import { HttpPool, type PoolServices } from "./http-pool.ts";
import { http1OptionsOf } from "./http1-options.ts";
import { TcpPool } from "./tcp-pool.ts";

/** The pools of one host: one per routing priority and protocol, made when first needed. */
class HostPools {
  default: HttpPool | null = null;
  high: HttpPool | null = null;
  tcpDefault: HttpPool | null = null;
  tcpHigh: HttpPool | null = null;
}

/** All HTTP connection pools of one worker. They live on their hosts, so a host that stays keeps its connections. */
export class HttpPools {
  readonly #services: PoolServices;
  readonly #options = new WeakMap<Cluster, Http1Options>();

  constructor(services: PoolServices) {
    this.#services = services;
  }

  /** With `tcp` the pool's connections carry the bytes of a tunnel. Null when max_connection_pools are reached. */
  of(cluster: Cluster, host: Host, priority: "default" | "high", tcp = false): HttpPool | null {
    const pools = (host.httpPool ??= new HostPools()) as HostPools;
    if (!tcp) return (pools[priority] ??= this.#create(cluster, host, priority, HttpPool));
    const key = priority === "default" ? "tcpDefault" : "tcpHigh";
    return (pools[key] ??= this.#create(cluster, host, priority, TcpPool));
  }

  /** The host left: idle connections close, busy ones after their request. */
  drain(host: Host): void {
    const pools = host.httpPool as HostPools | null;
    pools?.default?.drain();
    pools?.high?.drain();
    pools?.tcpDefault?.drain();
    pools?.tcpHigh?.drain();
  }

  #create(
    cluster: Cluster,
    host: Host,
    priority: "default" | "high",
    Pool: typeof HttpPool,
  ): HttpPool | null {
    if (!cluster.breakers[priority].tryAcquire(Resource.ConnectionPools)) return null;
    let options = this.#options.get(cluster);
    if (options === undefined) {
      options = http1OptionsOf(cluster.config.http);
      this.#options.set(cluster, options);
    }
    return new Pool(cluster, host, cluster.breakers[priority], options, this.#services);
  }
}
