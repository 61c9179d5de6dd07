import { Timer, type TimerTarget } from "../../base/timer-wheel.ts";
import { CLUSTER_STATS } from "../../observe/stats/tables/cluster.ts";
import type { Address } from "../../observe/stream-info.ts";
import { localAddressOf } from "../../transport/address.ts";
import type { CloseReason, Connection, ConnectionCallbacks } from "../../transport/connection.ts";
import { Resource } from "../shared/breaker-memory.ts";
import type { HttpPool } from "./http-pool.ts";
import type { PoolRequest } from "./pool-request.ts";
import type { UpstreamCarrier, UpstreamStream } from "./upstream-stream.ts";

const STATS = CLUSTER_STATS.at;

/** A connection of a pool, whatever it speaks: its place in the pool, its limits in time and number, its counters. */
export abstract class PooledConnection
  implements ConnectionCallbacks, UpstreamCarrier, TimerTarget
{
  readonly pool: HttpPool;
  readonly socket: Connection;
  readonly localAddress: Address;
  readonly startMs: number;
  readonly connectedMs: number;
  abstract readonly protocol: string;
  /** Links of the pool's list of connections that take requests. */
  nextReady: PooledConnection | null = null;
  previousReady: PooledConnection | null = null;
  ready = false;
  /** Requests so far. */
  protected requests = 0;
  /** No further request is taken. */
  protected draining = false;
  #sentCounted = 0;
  #idleTimer: Timer | null = null;
  /** `max_connection_duration`. */
  #lifeTimer: Timer | null = null;

  /** `startMs`: when connecting began. */
  constructor(pool: HttpPool, socket: Connection, startMs: number) {
    this.pool = pool;
    this.socket = socket;
    this.startMs = startMs;
    this.connectedMs = pool.services.worker.nowMs();
    this.localAddress = localAddressOf(socket.handle!, pool.host.address);
    if (pool.cluster.config.http.maxConnectionDurationMs > 0) this.#armLife();
  }

  /** No request is under way. */
  abstract get idle(): boolean;

  /** Another request may be attached right now. */
  abstract get hasCapacity(): boolean;

  /** A stream for `request`, which will be told of it next. */
  abstract attach(request: PoolRequest): UpstreamStream;

  abstract onData(buffer: Buffer, start: number, end: number): void;
  abstract onEndStream(): void;
  abstract onClose(reason: CloseReason): void;
  abstract onAboveWriteBufferHighWatermark(): void;
  abstract onBelowWriteBufferLowWatermark(): void;

  /** Takes no more requests; ends behind those under way, at once when there are none. Only the pool calls this. */
  drain(): void {
    this.draining = true;
    if (this.idle) this.close();
  }

  close(): void {
    this.socket.close("local");
  }

  armIdleTimer(): void {
    const { idleTimeoutMs } = this.pool.cluster.config.http;
    if (idleTimeoutMs <= 0) return;
    this.#idleTimer ??= new Timer(this);
    this.pool.services.worker.timers.arm(this.#idleTimer, idleTimeoutMs);
  }

  onTimer(timer: Timer): void {
    if (timer === this.#lifeTimer) {
      this.pool.count(STATS.upstream_cx_max_duration_reached);
    } else {
      this.pool.count(STATS.upstream_cx_idle_timeout);
    }
    this.pool.retire(this);
  }

  /** Another request begins. */
  protected countRequest(): void {
    this.requests++;
    if (this.#idleTimer !== null) this.pool.services.worker.timers.cancel(this.#idleTimer);
    const { maxRequestsPerConnection } = this.pool.cluster.config.http;
    if (maxRequestsPerConnection > 0 && this.requests >= maxRequestsPerConnection) {
      this.pool.count(STATS.upstream_cx_max_requests);
      this.draining = true;
    }
  }

  /** Behind each thing that was written. */
  protected countSent(): void {
    const { bytesSent } = this.socket;
    this.pool.count(STATS.upstream_cx_tx_bytes_total, bytesSent - this.#sentCounted);
    this.#sentCounted = bytesSent;
  }

  /** The socket is gone; `active`: with a request under way. */
  protected leavePool(reason: CloseReason, active: boolean): void {
    const { pool } = this;
    const { timers } = pool.services.worker;
    if (this.#idleTimer !== null) timers.cancel(this.#idleTimer);
    if (this.#lifeTimer !== null) timers.cancel(this.#lifeTimer);
    pool.countClose(this.socket, reason, active, this.requests);
    pool.resources.release(Resource.Connections);
    pool.onClosed(this);
  }

  #armLife(): void {
    const { worker } = this.pool.services;
    const { maxConnectionDurationMs: ms, maxConnectionDurationJitterPercent: percent } =
      this.pool.cluster.config.http;
    this.#lifeTimer = new Timer(this);
    worker.timers.arm(this.#lifeTimer, ms * (1 + (worker.random() * percent) / 100));
  }
}
