import { Http2CodecStats } from "../../http2/counters.ts";
import type { Http2Config } from "../../http2/model.ts";
import { CLUSTER_STATS } from "../../observe/stats/tables/cluster.ts";
import type { Connection } from "../../transport/connection.ts";
import type { ResourceManager } from "../circuit-breakers.ts";
import type { Cluster } from "../cluster.ts";
import type { Host } from "../host.ts";
import { HttpPool, type PoolServices } from "./http-pool.ts";
import { Http2Connection } from "./http2-connection.ts";
import type { PooledConnection } from "./pooled-connection.ts";

/** Connections of HTTP/2: most often one is enough. */
export class Http2Pool extends HttpPool {
  protected override readonly streamsPerConnection: number;
  readonly #config: Http2Config;
  #stats: Http2CodecStats | null = null;

  constructor(cluster: Cluster, host: Host, resources: ResourceManager, services: PoolServices) {
    super(cluster, host, resources, services);
    this.#config = cluster.config.http.http2!;
    this.streamsPerConnection = this.#config.options.maxConcurrentStreams;
  }

  protected override openConnection(socket: Connection, startMs: number): PooledConnection {
    this.#stats ??= new Http2CodecStats(this.services.worker.stats, this.#config.scope);
    return new Http2Connection(this, socket, startMs, this.#config, this.#stats);
  }

  protected override countProtocol(): void {
    this.count(CLUSTER_STATS.at.upstream_cx_http2_total);
  }
}
