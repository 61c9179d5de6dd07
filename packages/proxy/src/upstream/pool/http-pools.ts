import type { Http1Options } from "@nuncio/codec";
import type { Cluster } from "../cluster.ts";
import type { Host } from "../host.ts";
import { Resource } from "../shared/breaker-memory.ts";
import { HttpPool, type PoolServices } from "./http-pool.ts";
import { http1OptionsOf } from "./http1-options.ts";

/** The pools of one host: one per routing priority, made when first needed. */
interface HostPools {
  default: HttpPool | null;
  high: HttpPool | null;
}

/** All HTTP connection pools of one worker. They live on their hosts, so a host that stays keeps its connections. */
export class HttpPools {
  readonly #services: PoolServices;
  readonly #options = new WeakMap<Cluster, Http1Options>();

  constructor(services: PoolServices) {
    this.#services = services;
  }

  /** Null when max_connection_pools are reached. */
  of(cluster: Cluster, host: Host, priority: "default" | "high"): HttpPool | null {
    const pools = (host.httpPool ??= { default: null, high: null }) as HostPools;
    return (pools[priority] ??= this.#create(cluster, host, priority));
  }

  /** The host left: idle connections close, busy ones after their request. */
  drain(host: Host): void {
    const pools = host.httpPool as HostPools | null;
    pools?.default?.drain();
    pools?.high?.drain();
  }

  #create(cluster: Cluster, host: Host, priority: "default" | "high"): HttpPool | null {
    if (!cluster.breakers[priority].tryAcquire(Resource.ConnectionPools)) return null;
    let options = this.#options.get(cluster);
    if (options === undefined) {
      options = http1OptionsOf(cluster.config.http);
      this.#options.set(cluster, options);
    }
    return new HttpPool(cluster, host, cluster.breakers[priority], options, this.#services);
  }
}
