import { Http2CodecStats } from "../../http2/counters.ts";
import type { Http2Config } from "../../http2/model.ts";
import { CLUSTER_STATS } from "../../observe/stats/tables/cluster.ts";
import type { Connection } from "../../transport/connection.ts";
import type { Cluster } from "../cluster.ts";
import type { HttpPool } from "./http-pool.ts";
import { Http2Connection } from "./http2-connection.ts";
import type { PoolProtocol } from "./pool-protocol.ts";

/** The least that RFC 9113 6.5.2 recommends to allow. */
const FIRST_STREAMS_BEFORE_SETTINGS = 100;

/** HTTP/2: most often one connection is enough. */
export class Http2Protocol implements PoolProtocol {
  readonly alpn: readonly string[] = ["h2"];
  readonly carriesRequests = true;
  /** How many streams are begun before a host's SETTINGS are there: what the last ones allowed. */
  streamsBeforeSettings = FIRST_STREAMS_BEFORE_SETTINGS;
  readonly #config: Http2Config;
  #streamsPerConnection: number;
  #stats: Http2CodecStats | null = null;

  /** Only for clusters that have options of HTTP/2. */
  constructor(cluster: Cluster) {
    this.#config = cluster.config.http.http2!;
    this.#streamsPerConnection = this.#config.options.maxConcurrentStreams;
  }

  get streamsPerConnection(): number {
    return this.#streamsPerConnection;
  }

  /** The host takes so many streams on each of its connections, and is likely to go on so. */
  onSettings(maxConcurrentStreams: number): void {
    const most = Math.min(maxConcurrentStreams, this.#config.options.maxConcurrentStreams);
    this.#streamsPerConnection = Math.max(1, most);
    this.streamsBeforeSettings = Math.min(
      this.#streamsPerConnection,
      FIRST_STREAMS_BEFORE_SETTINGS,
    );
  }

  onConnecting(pool: HttpPool): void {
    pool.count(CLUSTER_STATS.at.upstream_cx_http2_total);
  }

  open(pool: HttpPool, socket: Connection, startMs: number): Http2Connection {
    this.#stats ??= new Http2CodecStats(pool.services.worker.stats, this.#config.scope);
    return new Http2Connection(pool, socket, startMs, this, this.#config, this.#stats);
  }
}
