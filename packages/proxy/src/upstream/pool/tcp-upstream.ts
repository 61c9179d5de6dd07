import { CLUSTER_STATS } from "../../observe/stats/tables/cluster.ts";
import type { Address } from "../../observe/stream-info.ts";
import type { TlsInfo } from "../../observe/tls-info.ts";
import { localAddressOf } from "../../transport/address.ts";
import { Connector, type ConnectCallbacks } from "../../transport/connect.ts";
import type { CloseReason, Connection, ConnectionCallbacks } from "../../transport/connection.ts";
import type { Cluster } from "../cluster.ts";
import type { Host } from "../host.ts";
import { Resource } from "../shared/breaker-memory.ts";
import { HostCounter } from "../shared/host-memory.ts";
import { connectOptionsFor } from "./connect-options.ts";
import type { PoolServices } from "./http-pool.ts";
import type { RawUpstream, RawUpstreamCallbacks } from "./raw-upstream.ts";

const STATS = CLUSTER_STATS.at;

/** What a tunnel of bytes says about TLS below it: nothing. */
const NO_TRANSPORT_OPTIONS = {
  serverName: "",
  expectedNames: null,
  alpnFallback: [],
  alpnOverride: null,
};

/**
 * A connection to a host for one user alone, with the cluster's counters. Half close passes both ways. While it
 * connects it counts as a pending request, then as an active one, as in Envoy's TCP pool.
 */
export class TcpUpstream implements RawUpstream, ConnectCallbacks, ConnectionCallbacks {
  /** Null while connecting. */
  connection: Connection | null = null;
  localAddress: Address | null = null;
  readonly host: Host;
  readonly #cluster: Cluster;
  readonly #services: PoolServices;
  readonly #callbacks: RawUpstreamCallbacks;
  readonly #connector: Connector;
  readonly #startMs: number;

  /**
   * The caller has acquired `Resource.Connections` and `Resource.PendingRequests` of the cluster's default priority;
   * they are released here.
   */
  constructor(
    cluster: Cluster,
    host: Host,
    services: PoolServices,
    callbacks: RawUpstreamCallbacks,
  ) {
    this.#cluster = cluster;
    this.host = host;
    this.#services = services;
    this.#callbacks = callbacks;
    this.#startMs = services.worker.nowMs();
    this.#count(STATS.upstream_cx_total, 1);
    this.#count(STATS.upstream_cx_active, 1);
    this.#count(STATS.upstream_rq_pending_total, 1);
    this.#count(STATS.upstream_rq_pending_active, 1);
    host.count(HostCounter.CxTotal);
    host.count(HostCounter.CxActive);
    this.#connector = new Connector(
      services.transport,
      host.address,
      connectOptionsFor(cluster, host, services, NO_TRANSPORT_OPTIONS),
      this,
    );
  }

  get tls(): TlsInfo | null {
    return this.connection?.tls ?? null;
  }

  get connectionId(): number {
    return this.connection?.id ?? 0;
  }

  get unsentBytes(): number {
    return this.connection?.unsentBytes ?? 0;
  }

  get lastDrainMs(): number {
    return this.connection?.lastDrainMs ?? 0;
  }

  halfClose(): void {
    this.connection?.halfClose();
  }

  readDisable(disable: boolean): void {
    this.connection?.readDisable(disable);
  }

  closeAfterFlush(): void {
    this.connection?.closeAfterFlush(0);
  }

  write(data: Buffer): void {
    this.connection!.writeBytes(data);
    this.#count(STATS.upstream_cx_tx_bytes_total, data.length);
  }

  close(reset = false): void {
    if (this.connection !== null) {
      this.connection.close("local", reset);
      return;
    }
    this.#connector.cancel();
    this.#endPending();
    this.#count(STATS.upstream_rq_cancelled, 1);
    this.#countConnectFailure();
    this.#endConnection("local");
  }

  onConnected(connection: Connection): void {
    this.connection = connection;
    connection.callbacks = this;
    connection.halfCloseEnabled = true;
    this.localAddress = localAddressOf(connection.handle!, this.host.address);
    const { worker } = this.#services;
    worker.stats.record(
      this.#cluster.config.scope.histogramBase + STATS.upstream_cx_connect_ms,
      Math.round(worker.nowMs() - this.#startMs),
    );
    this.#endPending();
    this.#count(STATS.upstream_rq_total, 1);
    this.#count(STATS.upstream_rq_active, 1);
    this.host.acquireRequest();
    // Counted, and never refused: the connection's own limit is the one that holds.
    this.#cluster.breakers.default.acquire(Resource.Requests);
    this.#callbacks.onUpstreamConnected(this);
  }

  onConnectFailure(reason: string, timeout: boolean): void {
    this.#countConnectFailure();
    if (timeout) this.#count(STATS.upstream_cx_connect_timeout, 1);
    this.#endPending();
    this.#count(STATS.upstream_rq_pending_failure_eject, 1);
    this.#endConnection(timeout ? "local" : "remote");
    this.#callbacks.onUpstreamConnectFailure(reason);
  }

  onData(buffer: Buffer, start: number, end: number): void {
    this.#count(STATS.upstream_cx_rx_bytes_total, end - start);
    this.#callbacks.onUpstreamData(buffer, start, end);
  }

  onEndStream(): void {
    this.#callbacks.onUpstreamEndStream();
  }

  onClose(reason: CloseReason): void {
    const local = reason === "local";
    this.#count(STATS.upstream_cx_destroy_with_active_rq, 1);
    this.#count(
      local
        ? STATS.upstream_cx_destroy_local_with_active_rq
        : STATS.upstream_cx_destroy_remote_with_active_rq,
      1,
    );
    this.#count(STATS.upstream_rq_active, -1);
    this.host.releaseRequest();
    this.#cluster.breakers.default.release(Resource.Requests);
    this.#endConnection(reason);
    this.#callbacks.onUpstreamClose(reason);
  }

  onAboveWriteBufferHighWatermark(): void {
    this.#callbacks.onUpstreamAboveWriteBufferHighWatermark();
  }

  onBelowWriteBufferLowWatermark(): void {
    this.#callbacks.onUpstreamBelowWriteBufferLowWatermark();
  }

  #endPending(): void {
    this.#count(STATS.upstream_rq_pending_active, -1);
    this.#cluster.breakers.default.release(Resource.PendingRequests);
  }

  #countConnectFailure(): void {
    this.#count(STATS.upstream_cx_connect_fail, 1);
    this.host.count(HostCounter.CxConnectFail);
  }

  #endConnection(reason: CloseReason): void {
    const { worker } = this.#services;
    worker.stats.record(
      this.#cluster.config.scope.histogramBase + STATS.upstream_cx_length_ms,
      Math.round(worker.nowMs() - this.#startMs),
    );
    this.#count(STATS.upstream_cx_active, -1);
    this.#count(STATS.upstream_cx_destroy, 1);
    this.#count(
      reason === "local" ? STATS.upstream_cx_destroy_local : STATS.upstream_cx_destroy_remote,
      1,
    );
    this.host.count(HostCounter.CxActive, -1);
    this.#cluster.breakers.default.release(Resource.Connections);
  }

  #count(stat: number, by: number): void {
    this.#services.worker.stats.slots[this.#cluster.statsBase + stat]! += by;
  }
}
