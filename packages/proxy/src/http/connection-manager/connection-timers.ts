import { Timer, type TimerTarget } from "../../base/timer-wheel.ts";
import type { HttpConnection } from "./http-connection.ts";

/**
 * The timers of one downstream connection: idle, its whole life, a head that is coming, and the drain behind the first
 * two. A drained connection says goodbye with its next response, or closes when none was asked for within drain_timeout.
 */
export class ConnectionTimers implements TimerTarget {
  /** The next response is the last one. */
  draining = false;
  readonly #connection: HttpConnection;
  readonly #idle: Timer = new Timer(this);
  #life: Timer | null = null;
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
    this.#life = new Timer(this);
    worker.timers.arm(this.#life, config.maxConnectionDurationMs);
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
  }

  onTimer(timer: Timer): void {
    const connection = this.#connection;
    if (timer === this.#head) {
      connection.onHeadTimeout();
    } else if (timer === this.#drain) {
      if (!connection.hasStream)
        connection.connection.closeAfterFlush(connection.config.delayedCloseTimeoutMs);
    } else if (timer === this.#life) {
      connection.count("downstream_cx_max_duration_reached");
      this.#startDrain();
    } else if (!connection.hasStream) {
      connection.count("downstream_cx_idle_timeout");
      this.#startDrain();
    }
  }

  #startDrain(): void {
    const connection = this.#connection;
    if (!connection.hasCodec) {
      connection.connection.closeAfterFlush(0);
      return;
    }
    if (this.draining) return;
    this.draining = true;
    this.#drain = new Timer(this);
    connection.worker.timers.arm(this.#drain, connection.config.drainTimeoutMs);
  }
}
