import { Http2CodecStats } from "../../http2/counters.ts";
import type { Http2Config } from "../../http2/model.ts";
import { CLUSTER_STATS } from "../../observe/stats/tables/cluster.ts";
import type { Connection } from "../../transport/connection.ts";
import type { Cluster } from "../cluster.ts";
import type { HttpPool } from "./http-pool.ts";
import { Http2Connection } from "./http2-connection.ts";
import type { PoolProtocol } from "./pool-protocol.ts";

/** HTTP/2: most often one connection is enough. */
export class Http2Protocol implements PoolProtocol {
  readonly alpn: readonly string[] = ["h2"];
  readonly streamsPerConnection: number;
  readonly carriesRequests = true;
  readonly #config: Http2Config;
  #stats: Http2CodecStats | null = null;

  /** Only for clusters that have options of HTTP/2. */
  constructor(cluster: Cluster) {
    this.#config = cluster.config.http.http2!;
    this.streamsPerConnection = this.#config.options.maxConcurrentStreams;
  }

  onConnecting(pool: HttpPool): void {
    pool.count(CLUSTER_STATS.at.upstream_cx_http2_total);
  }

  open(pool: HttpPool, socket: Connection, startMs: number): Http2Connection {
    this.#stats ??= new Http2CodecStats(pool.services.worker.stats, this.#config.scope);
    return new Http2Connection(pool, socket, startMs, this.#config, this.#stats);
  }
}
