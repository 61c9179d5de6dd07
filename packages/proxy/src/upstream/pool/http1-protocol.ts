import { type ClientCallbacks, Http1ClientCodec } from "@nuncio/codec";
import { CLUSTER_STATS, touchUpstreamHttp1 } from "../../observe/stats/tables/cluster.ts";
import type { Connection } from "../../transport/connection.ts";
import type { Cluster } from "../cluster.ts";
import type { HttpPool } from "./http-pool.ts";
import { Http1Connection } from "./http1-connection.ts";
import { http1OptionsOf } from "./http1-options.ts";
import type { PoolProtocol } from "./pool-protocol.ts";

/** HTTP/1: one request at a time on a connection. */
export class Http1Protocol implements PoolProtocol {
  readonly alpn: readonly string[] = ["http/1.1"];
  readonly streamsPerConnection = 1;
  readonly carriesRequests = true;
  readonly #newCodec: (callbacks: ClientCallbacks) => Http1ClientCodec;

  constructor(cluster: Cluster) {
    const options = http1OptionsOf(cluster.config.http);
    this.#newCodec = (callbacks) => new Http1ClientCodec(callbacks, options);
  }

  onConnecting(pool: HttpPool): void {
    pool.count(CLUSTER_STATS.at.upstream_cx_http1_total);
    touchUpstreamHttp1(pool.services.worker.stats.slots, pool.cluster.statsBase);
  }

  open(pool: HttpPool, socket: Connection, startMs: number): Http1Connection {
    return new Http1Connection(pool, socket, startMs, this.#newCodec, false);
  }
}
