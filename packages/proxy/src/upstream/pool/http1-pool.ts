import { type ClientCallbacks, Http1ClientCodec, type Http1Options } from "@nuncio/codec";
import { CLUSTER_STATS, touchUpstreamHttp1 } from "../../observe/stats/tables/cluster.ts";
import type { Connection } from "../../transport/connection.ts";
import type { ResourceManager } from "../circuit-breakers.ts";
import type { Cluster } from "../cluster.ts";
import type { Host } from "../host.ts";
import { HttpPool, type PoolServices } from "./http-pool.ts";
import { Http1Connection } from "./http1-connection.ts";
import { http1OptionsOf } from "./http1-options.ts";
import type { PooledConnection } from "./pooled-connection.ts";

/** Connections of HTTP/1: one request at a time each. */
export class Http1Pool extends HttpPool {
  protected override readonly streamsPerConnection: number = 1;
  readonly #newCodec: (callbacks: ClientCallbacks) => Http1ClientCodec;

  constructor(cluster: Cluster, host: Host, resources: ResourceManager, services: PoolServices) {
    super(cluster, host, resources, services);
    const options = optionsOf(cluster);
    this.#newCodec = (callbacks) => new Http1ClientCodec(callbacks, options);
  }

  protected override openConnection(socket: Connection, startMs: number): PooledConnection {
    return new Http1Connection(this, socket, startMs, this.#newCodec, false);
  }

  protected override countProtocol(): void {
    this.count(CLUSTER_STATS.at.upstream_cx_http1_total);
    touchUpstreamHttp1(this.services.worker.stats.slots, this.cluster.statsBase);
  }
}

/** All pools of a cluster share one. */
const OPTIONS = new WeakMap<Cluster, Http1Options>();

function optionsOf(cluster: Cluster): Http1Options {
  let options = OPTIONS.get(cluster);
  if (options === undefined) {
    options = http1OptionsOf(cluster.config.http);
    OPTIONS.set(cluster, options);
  }
  return options;
}
