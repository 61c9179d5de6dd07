import { CLUSTER_STATS } from "../../observe/stats/tables/cluster.ts";
import { Connector, type ConnectCallbacks } from "../../transport/connect.ts";
import type { Connection } from "../../transport/connection.ts";
import { Resource } from "../shared/breaker-memory.ts";
import { HostCounter } from "../shared/host-memory.ts";
import { connectOptionsFor } from "./connect-options.ts";
import type { HttpPool } from "./http-pool.ts";

const STATS = CLUSTER_STATS.at;

/** A connection of a pool while it is being made. */
export class ConnectAttempt implements ConnectCallbacks {
  readonly startMs: number;
  readonly #pool: HttpPool;

  constructor(pool: HttpPool) {
    this.#pool = pool;
    const { transport, worker } = pool.services;
    this.startMs = worker.nowMs();
    // It is heard of again through the callbacks.
    void new Connector(
      transport,
      pool.host.address,
      connectOptionsFor(pool.cluster, pool.host, pool.services, pool.transportOptions),
      this,
    );
  }

  onConnected(socket: Connection): void {
    const { worker } = this.#pool.services;
    const { histogramBase } = this.#pool.cluster.config.scope;
    const tookMs = Math.round(worker.nowMs() - this.startMs);
    worker.stats.record(histogramBase + STATS.upstream_cx_connect_ms, tookMs);
    this.#pool.onConnected(this, socket);
  }

  onConnectFailure(reason: string, timeout: boolean): void {
    const pool = this.#pool;
    pool.count(timeout ? STATS.upstream_cx_connect_timeout : STATS.upstream_cx_connect_fail);
    if (timeout) pool.count(STATS.upstream_cx_connect_fail);
    pool.host.count(HostCounter.CxConnectFail);
    pool.resources.release(Resource.Connections);
    pool.onConnectFailure(this, reason, timeout);
  }
}
