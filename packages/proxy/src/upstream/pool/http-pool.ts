import { Http1ClientCodec, type ClientCallbacks, type Http1Options } from "@nuncio/codec";
import type { WorkerContext } from "../../base/worker-context.ts";
import { CLUSTER_STATS, touchUpstreamHttp1 } from "../../observe/stats/tables/cluster.ts";
import type { CloseReason, Connection } from "../../transport/connection.ts";
import type { TransportContext } from "../../transport/transport-context.ts";
import type { ResourceManager } from "../circuit-breakers.ts";
import type { Cluster } from "../cluster.ts";
import type { Host } from "../host.ts";
import { Resource } from "../shared/breaker-memory.ts";
import { HostCounter } from "../shared/host-memory.ts";
import type { PoolRequest } from "./pool-request.ts";
import type { UpstreamCodec } from "./upstream-codec.ts";
import { UpstreamConnection } from "./upstream-connection.ts";

/** What a pool needs of its worker. */
export interface PoolServices {
  readonly worker: WorkerContext;
  readonly transport: TransportContext;
}

const STATS = CLUSTER_STATS.at;

/** The HTTP/1 connections of one worker to one host, at one routing priority. */
export class HttpPool {
  readonly cluster: Cluster;
  readonly host: Host;
  readonly services: PoolServices;
  readonly resources: ResourceManager;
  readonly #newCodec: (callbacks: ClientCallbacks) => UpstreamCodec;
  readonly #slots: Float64Array;
  /** Last used first, so that the connections of a peak become idle and end. */
  #idle: UpstreamConnection | null = null;
  readonly #all: Set<UpstreamConnection> = new Set();
  #connecting = 0;
  #pendingFirst: PoolRequest | null = null;
  #pendingLast: PoolRequest | null = null;
  #pendingCount = 0;
  #draining = false;
  #released = false;

  /** The caller has acquired `Resource.ConnectionPools`; it is released here. */
  constructor(
    cluster: Cluster,
    host: Host,
    resources: ResourceManager,
    http1: Http1Options,
    services: PoolServices,
  ) {
    this.cluster = cluster;
    this.host = host;
    this.resources = resources;
    this.services = services;
    this.#newCodec = (callbacks) => new Http1ClientCodec(callbacks, http1);
    this.#slots = services.worker.stats.slots;
  }

  count(stat: number, by = 1): void {
    this.#slots[this.cluster.statsBase + stat]! += by;
  }

  /** Gives `request` a connection: at once, later, or never. It is told by its own callbacks. */
  newStream(request: PoolRequest): void {
    const ready = this.#idle;
    if (ready !== null) {
      this.#unlinkIdle(ready);
      this.#attach(ready, request);
      return;
    }
    if (!this.resources.tryAcquire(Resource.PendingRequests)) {
      request.onPoolFailure("overflow", "", true);
      return;
    }
    this.#push(request);
    this.count(STATS.upstream_rq_pending_total);
    this.count(STATS.upstream_rq_pending_active);
    if (this.#connecting < this.#pendingCount) this.#connect();
  }

  /** The request is not interested any more; only while it is pending. */
  cancel(request: PoolRequest): void {
    if (!request.pending) return;
    this.#remove(request);
    this.count(STATS.upstream_rq_cancelled);
  }

  /** The host is gone: nothing new goes to it. */
  drain(): void {
    this.#draining = true;
    for (const connection of this.#all) {
      if (connection.connection !== null) connection.drain();
    }
    this.#releaseWhenDone();
  }

  onConnected(connection: UpstreamConnection): void {
    this.#connecting--;
    this.onIdle(connection);
  }

  onConnectFailure(connection: UpstreamConnection, details: string, timeout: boolean): void {
    this.#connecting--;
    this.#all.delete(connection);
    this.#countConnection(-1);
    this.#recordLength(connection.startMs);
    this.count(STATS.upstream_cx_destroy);
    this.count(timeout ? STATS.upstream_cx_destroy_local : STATS.upstream_cx_destroy_remote);
    // As in Envoy, one failed attempt fails everybody who waits: the host cannot be reached.
    const reason = timeout ? "connection_timeout" : "remote_connection_failure";
    let waiting = this.#pendingFirst;
    while (waiting !== null) {
      const next: PoolRequest | null = waiting.nextPending;
      this.#remove(waiting);
      this.count(STATS.upstream_rq_pending_failure_eject);
      waiting.onPoolFailure(reason, details, false);
      waiting = next;
    }
    this.#releaseWhenDone();
  }

  /** A connection is free for the next request. */
  onIdle(connection: UpstreamConnection): void {
    const waiting = this.#pendingFirst;
    if (waiting !== null) {
      this.#remove(waiting);
      this.#attach(connection, waiting);
      // Those who still wait do so because of the breaker, and it may let one more in by now.
      if (this.#pendingCount > this.#connecting) this.#connect();
    } else if (this.#draining) {
      connection.close();
    } else {
      connection.idle = true;
      connection.nextIdle = this.#idle;
      if (this.#idle !== null) this.#idle.previousIdle = connection;
      this.#idle = connection;
      connection.armIdleTimer();
    }
  }

  onClosed(connection: UpstreamConnection): void {
    if (connection.idle) this.#unlinkIdle(connection);
    this.#all.delete(connection);
    if (this.#pendingCount > this.#connecting && !this.#draining) this.#connect();
    this.#releaseWhenDone();
  }

  /** The exchange of a request and its response is over. */
  endRequest(): void {
    this.resources.release(Resource.Requests);
    this.host.releaseRequest();
    this.count(STATS.upstream_rq_active, -1);
  }

  countClose(connection: Connection, reason: CloseReason, active: boolean, requests: number): void {
    const local = reason === "local";
    this.#countConnection(-1);
    this.count(STATS.upstream_cx_destroy);
    this.count(local ? STATS.upstream_cx_destroy_local : STATS.upstream_cx_destroy_remote);
    this.count(STATS.upstream_cx_rx_bytes_buffered, 0);
    this.count(STATS.upstream_cx_tx_bytes_buffered, 0);
    this.recordRequests(requests);
    this.#recordLength(connection.startMs);
    if (!active) return;
    this.count(STATS.upstream_cx_destroy_with_active_rq);
    this.count(
      local
        ? STATS.upstream_cx_destroy_local_with_active_rq
        : STATS.upstream_cx_destroy_remote_with_active_rq,
    );
  }

  /** How many requests a connection had carried at its end. */
  protected recordRequests(requests: number): void {
    const { scope } = this.cluster.config;
    this.services.worker.stats.record(scope.histogramBase + STATS.upstream_rq_per_cx, requests);
  }

  #attach(connection: UpstreamConnection, request: PoolRequest): void {
    if (!this.acquireRequest()) {
      this.onIdle(connection);
      request.onPoolFailure("overflow", "", false);
      return;
    }
    this.host.acquireRequest();
    this.count(STATS.upstream_rq_total);
    this.count(STATS.upstream_rq_active);
    connection.attach(request);
  }

  #connect(): void {
    // A host without any connection gets one whatever the breaker says: its requests could not end otherwise.
    if (!this.resources.tryAcquire(Resource.Connections)) {
      if (this.#all.size > 0) return;
      this.resources.acquire(Resource.Connections);
    }
    this.#connecting++;
    this.count(STATS.upstream_cx_total);
    this.#countConnection(1);
    this.host.count(HostCounter.CxTotal);
    this.#all.add(this.createConnection());
  }

  /** Opens a connection of the pool's protocol. */
  protected createConnection(): UpstreamConnection {
    this.count(STATS.upstream_cx_http1_total);
    touchUpstreamHttp1(this.#slots, this.cluster.statsBase);
    return new UpstreamConnection(this, this.#newCodec, false);
  }

  /** A place among the cluster's requests; false when there is none left. */
  protected acquireRequest(): boolean {
    return this.resources.tryAcquire(Resource.Requests);
  }

  #recordLength(startMs: number): void {
    const { worker } = this.services;
    const { scope } = this.cluster.config;
    worker.stats.record(
      scope.histogramBase + STATS.upstream_cx_length_ms,
      Math.round(worker.nowMs() - startMs),
    );
  }

  /** A pool without host and connections counts no longer. */
  #releaseWhenDone(): void {
    if (!this.#draining || this.#released || this.#all.size > 0) return;
    this.#released = true;
    this.resources.release(Resource.ConnectionPools);
  }

  #countConnection(by: 1 | -1): void {
    this.count(STATS.upstream_cx_active, by);
    this.host.count(HostCounter.CxActive, by);
  }

  #push(request: PoolRequest): void {
    request.pending = true;
    request.previousPending = this.#pendingLast;
    request.nextPending = null;
    if (this.#pendingLast === null) this.#pendingFirst = request;
    else this.#pendingLast.nextPending = request;
    this.#pendingLast = request;
    this.#pendingCount++;
  }

  #remove(request: PoolRequest): void {
    request.pending = false;
    if (request.previousPending === null) this.#pendingFirst = request.nextPending;
    else request.previousPending.nextPending = request.nextPending;
    if (request.nextPending === null) this.#pendingLast = request.previousPending;
    else request.nextPending.previousPending = request.previousPending;
    request.nextPending = null;
    request.previousPending = null;
    this.#pendingCount--;
    this.resources.release(Resource.PendingRequests);
    this.count(STATS.upstream_rq_pending_active, -1);
  }

  #unlinkIdle(connection: UpstreamConnection): void {
    connection.idle = false;
    if (connection.previousIdle === null) this.#idle = connection.nextIdle;
    else connection.previousIdle.nextIdle = connection.nextIdle;
    if (connection.nextIdle !== null) connection.nextIdle.previousIdle = connection.previousIdle;
    connection.nextIdle = null;
    connection.previousIdle = null;
  }
}
