import { TimerKind } from "../../base/timer-scale.ts";
import { Timer, type TimerTarget } from "../../base/timer-wheel.ts";
import type { HttpConnection } from "./http-connection.ts";

/**
 * The timers of one downstream connection: idle, its whole life, a head that is coming, and the drain behind the first
 * two. A drained connection says goodbye with its next response, or closes when none was asked for within drain_timeout.
 */
export class ConnectionTimers implements TimerTarget {
  /** The response to the next request that begins is the last one (`http1_safe_max_connection_duration`). */
  softDraining = false;
  readonly #connection: HttpConnection;
  readonly #idle: Timer = new Timer(this, TimerKind.HttpDownstreamConnectionIdle);
  #life: Timer | null = null;
  /** What `#life` was armed for. */
  #lifeLimitMs = 0;
  #head: Timer | null = null;
  #drain: Timer | null = null;

  constructor(connection: HttpConnection) {
    this.#connection = connection;
  }

  /** The connection is there. */
  start(): void {
    const { config, worker } = this.#connection;
    this.armIdle();
    if (config.maxConnectionDurationMs === 0) return;
    this.#life = new Timer(this, TimerKind.HttpDownstreamConnectionMax);
    const { maxConnectionDurationMs, maxConnectionDurationJitterPercent } = config;
    this.#lifeLimitMs = maxConnectionDurationMs;
    worker.timers.arm(
      this.#life,
      this.#jittered(maxConnectionDurationMs, maxConnectionDurationJitterPercent),
    );
  }

  /** A response is complete. While a stream is under way the timer runs on and means nothing. */
  armIdle(): void {
    const { config, worker } = this.#connection;
    if (config.idleTimeoutMs > 0) worker.timers.arm(this.#idle, config.idleTimeoutMs);
  }

  /** A head came in part. */
  armHead(): void {
    const { config, worker } = this.#connection;
    if (config.requestHeadersTimeoutMs === 0) return;
    this.#head ??= new Timer(this);
    worker.timers.arm(this.#head, config.requestHeadersTimeoutMs);
  }

  cancelHead(): void {
    if (this.#head !== null) this.#connection.worker.timers.cancel(this.#head);
  }

  cancelAll(): void {
    const { timers } = this.#connection.worker;
    timers.cancel(this.#idle);
    this.cancelHead();
    if (this.#life !== null) timers.cancel(this.#life);
    if (this.#drain !== null) timers.cancel(this.#drain);
    if (this.softDraining) this.#connection.count("downstream_cx_http1_soft_drain", -1);
    this.softDraining = false;
  }

  onTimer(timer: Timer): void {
    const connection = this.#connection;
    if (timer === this.#head) {
      connection.session?.onHeadTimeout();
    } else if (timer === this.#drain) {
      connection.session?.finishDrain();
    } else if (timer === this.#life) {
      if (this.#livesOn()) return;
      connection.count("downstream_cx_max_duration_reached");
      if (connection.config.safeMaxConnectionDuration && connection.session?.protocol === "http1")
        this.#drainSoftly();
      else this.startDrain();
    } else if (connection.session?.hasStreams !== true && !connection.socket.closing) {
      connection.count("downstream_cx_idle_timeout");
      this.startDrain();
    }
  }

  /** Says goodbye when it can, and closes when nobody wanted anything for as long as drain_timeout. */
  startDrain(): void {
    const connection = this.#connection;
    const { session } = connection;
    if (session === null) {
      connection.socket.closeAfterFlush(0);
      return;
    }
    if (this.#drain !== null) return;
    this.#drain = new Timer(this);
    session.startDrain();
    const { drainTimeoutMs, drainTimeoutJitterPercent } = connection.config;
    connection.worker.timers.arm(
      this.#drain,
      this.#jittered(drainTimeoutMs, drainTimeoutJitterPercent),
    );
  }

  /** The limit that it was given at its beginning may have been raised or taken away since. */
  #livesOn(): boolean {
    const { config, worker, socket } = this.#connection;
    const limitMs = config.maxConnectionDurationMs;
    if (limitMs === 0) return true;
    // What it was armed for may have been less under pressure, and is over all the same.
    if (limitMs <= this.#lifeLimitMs) return false;
    this.#lifeLimitMs = limitMs;
    const leftMs = socket.startMs + limitMs - worker.nowMs();
    if (leftMs > 0) worker.timers.arm(this.#life!, leftMs);
    return leftMs > 0;
  }

  /** HTTP/1 cannot tell the client between two requests, so the next one is waited for, however long. */
  #drainSoftly(): void {
    if (this.#drain !== null) return;
    this.softDraining = true;
    this.#connection.count("downstream_cx_http1_soft_drain");
  }

  #jittered(ms: number, percent: number): number {
    return percent === 0 ? ms : ms * (1 + (this.#connection.worker.random() * percent) / 100);
  }
}
