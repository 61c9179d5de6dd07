import type { WorkerContext } from "../../base/worker-context.ts";
import { CLUSTER_STATS } from "../../observe/stats/tables/cluster.ts";
import type { OverloadState } from "../../overload/overload-state.ts";
import { ShedPoint } from "../../overload/points.ts";
import type { CloseReason, Connection } from "../../transport/connection.ts";
import type { TlsSockets } from "../../transport/tls/tls-sockets.ts";
import type { TransportContext } from "../../transport/transport-context.ts";
import type { UpstreamTransportOptions } from "../../transport/transport-socket.ts";
import type { ResourceManager } from "../circuit-breakers.ts";
import type { Cluster } from "../cluster.ts";
import type { Host } from "../host.ts";
import { Resource } from "../shared/breaker-memory.ts";
import { HostCounter } from "../shared/host-memory.ts";
import { ConnectAttempt } from "./connect-attempt.ts";
import type { PoolProtocol } from "./pool-protocol.ts";
import type { PoolRequest, RequestPool } from "./pool-request.ts";
import type { PooledConnection } from "./pooled-connection.ts";

/** What a pool needs of its worker. */
export interface PoolServices {
  readonly worker: WorkerContext;
  readonly transport: TransportContext;
  readonly tlsSockets: TlsSockets;
  readonly overload: OverloadState;
}

const STATS = CLUSTER_STATS.at;

/** The connections of one worker to one host that speak one protocol, at one routing priority. */
export class HttpPool implements RequestPool {
  readonly cluster: Cluster;
  readonly host: Host;
  readonly services: PoolServices;
  readonly resources: ResourceManager;
  /** For the transport socket of its connections. */
  readonly transportOptions: UpstreamTransportOptions;
  readonly #protocol: PoolProtocol;
  readonly #slots: Float64Array;
  /** Those that take another request. Last used first, so that the connections of a peak become idle and end. */
  #ready: PooledConnection | null = null;
  readonly #connections: Set<PooledConnection> = new Set();
  readonly #attempts: Set<ConnectAttempt> = new Set();
  #pendingFirst: PoolRequest | null = null;
  #pendingLast: PoolRequest | null = null;
  #pendingCount = 0;
  /** The pool is for a while only: it ends with its last connection, and tells. */
  onEmpty: (() => void) | null = null;
  #draining = false;
  #released = false;

  /** The caller has acquired `Resource.ConnectionPools`; it is released here. */
  constructor(
    cluster: Cluster,
    host: Host,
    resources: ResourceManager,
    protocol: PoolProtocol,
    services: PoolServices,
    transportOptions: UpstreamTransportOptions,
  ) {
    this.#protocol = protocol;
    this.transportOptions = transportOptions;
    this.cluster = cluster;
    this.host = host;
    this.resources = resources;
    this.services = services;
    this.#slots = services.worker.stats.slots;
  }

  count(stat: number, by = 1): void {
    this.#slots[this.cluster.statsBase + stat]! += by;
  }

  /** Gives `request` a connection: at once, later, or never. It is told by its own callbacks. */
  newStream(request: PoolRequest): void {
    const ready = this.#ready;
    if (ready !== null) {
      this.#attach(ready, request);
      return;
    }
    if (!this.resources.tryAcquire(Resource.PendingRequests)) {
      this.#releaseWhenDone();
      request.onPoolFailure("overflow", "", true);
      return;
    }
    this.#push(request);
    this.count(STATS.upstream_rq_pending_total);
    this.count(STATS.upstream_rq_pending_active);
    if (this.#needsConnection && this.#shedsConnections) {
      this.cancel(request);
      this.#releaseWhenDone();
      request.onPoolFailure("overflow", "", true);
      return;
    }
    this.#connectIfNeeded();
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
    for (const connection of this.#connections) this.retire(connection);
    this.#releaseWhenDone();
  }

  onConnected(attempt: ConnectAttempt, socket: Connection): void {
    this.#attempts.delete(attempt);
    const connection = this.#protocol.open(this, socket, attempt.startMs);
    socket.callbacks = connection;
    this.#connections.add(connection);
    this.onReady(connection);
  }

  onConnectFailure(attempt: ConnectAttempt, details: string, timeout: boolean): void {
    this.#attempts.delete(attempt);
    this.#countConnection(-1);
    this.#recordLength(attempt.startMs);
    this.count(STATS.upstream_cx_destroy);
    this.count(timeout ? STATS.upstream_cx_destroy_local : STATS.upstream_cx_destroy_remote);
    // As in Envoy, one failed attempt fails everybody who waits: the host cannot be reached.
    const reason = timeout ? "connection_timeout" : "remote_connection_failure";
    for (const waiting of this.#listPending()) {
      // Who is told of one may cancel another.
      if (!waiting.pending) continue;
      this.#remove(waiting);
      this.count(STATS.upstream_rq_pending_failure_eject);
      waiting.onPoolFailure(reason, details, false);
    }
    this.#releaseWhenDone();
  }

  /** A connection takes a request, for the first time or again. */
  onReady(connection: PooledConnection): void {
    while (this.#pendingFirst !== null && connection.hasCapacity) {
      const waiting = this.#pendingFirst;
      this.#remove(waiting);
      this.#attach(connection, waiting);
    }
    // Those who still wait do so because of the breaker, and it may let one more in by now.
    this.#connectIfNeeded();
    if (!connection.hasCapacity) return;
    if (this.#draining) {
      this.retire(connection);
      return;
    }
    if (!connection.ready) this.#linkReady(connection);
    if (connection.idle) connection.armIdleTimer();
  }

  /** A connection takes no request now; it will say when it does. */
  onNotReady(connection: PooledConnection): void {
    if (connection.ready) this.#unlinkReady(connection);
  }

  /** A connection takes no further request; its end comes with that of those under way. */
  retire(connection: PooledConnection): void {
    this.onNotReady(connection);
    connection.drain();
  }

  onClosed(connection: PooledConnection): void {
    this.onNotReady(connection);
    this.#connections.delete(connection);
    this.#connectIfNeeded();
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
    if (this.#protocol.carriesRequests) {
      const { scope } = this.cluster.config;
      this.services.worker.stats.record(scope.histogramBase + STATS.upstream_rq_per_cx, requests);
    }
    this.#recordLength(connection.startMs);
    if (!active) return;
    this.count(STATS.upstream_cx_destroy_with_active_rq);
    this.count(
      local
        ? STATS.upstream_cx_destroy_local_with_active_rq
        : STATS.upstream_cx_destroy_remote_with_active_rq,
    );
  }

  #attach(connection: PooledConnection, request: PoolRequest): void {
    if (!this.#acquireRequest()) {
      request.onPoolFailure("overflow", "", false);
      return;
    }
    this.host.acquireRequest();
    this.count(STATS.upstream_rq_total);
    this.count(STATS.upstream_rq_active);
    const stream = connection.attach(request);
    if (!connection.hasCapacity) this.onNotReady(connection);
    request.onPoolReady(stream);
  }

  /** Those who wait must have a place on the connections that are being made. */
  #connectIfNeeded(): void {
    if (this.#needsConnection) this.#connect();
  }

  get #needsConnection(): boolean {
    return this.#pendingCount > this.#attempts.size * this.#protocol.streamsPerConnection;
  }

  get #shedsConnections(): boolean {
    return this.services.overload.sheds(ShedPoint.ConnectionPoolNewConnection);
  }

  #connect(): void {
    // A host without any connection gets one whatever the breaker says: its requests could not end otherwise.
    if (!this.resources.tryAcquire(Resource.Connections)) {
      if (this.#connections.size + this.#attempts.size > 0) return;
      this.resources.acquire(Resource.Connections);
    }
    this.count(STATS.upstream_cx_total);
    this.#countConnection(1);
    this.#protocol.onConnecting(this);
    this.host.count(HostCounter.CxTotal);
    this.#attempts.add(new ConnectAttempt(this));
  }

  /** A place among the cluster's requests; false when there is none left. */
  #acquireRequest(): boolean {
    if (this.#protocol.carriesRequests) return this.resources.tryAcquire(Resource.Requests);
    this.resources.acquire(Resource.Requests);
    return true;
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
    if ((!this.#draining && this.onEmpty === null) || this.#released) return;
    if (this.#connections.size + this.#attempts.size > 0 || this.#pendingCount > 0) return;
    this.#released = true;
    this.onEmpty?.();
    this.resources.release(Resource.ConnectionPools);
  }

  #countConnection(by: 1 | -1): void {
    this.count(STATS.upstream_cx_active, by);
    this.host.count(HostCounter.CxActive, by);
  }

  #listPending(): PoolRequest[] {
    const requests: PoolRequest[] = [];
    for (let request = this.#pendingFirst; request !== null; request = request.nextPending)
      requests.push(request);
    return requests;
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

  #linkReady(connection: PooledConnection): void {
    connection.ready = true;
    connection.nextReady = this.#ready;
    if (this.#ready !== null) this.#ready.previousReady = connection;
    this.#ready = connection;
  }

  #unlinkReady(connection: PooledConnection): void {
    const { nextReady, previousReady } = connection;
    connection.ready = false;
    if (previousReady === null) this.#ready = nextReady;
    else previousReady.nextReady = nextReady;
    if (nextReady !== null) nextReady.previousReady = previousReady;
    connection.nextReady = null;
    connection.previousReady = null;
  }
}
