import { Timer, type TimerTarget } from "../base/timer-wheel.ts";
import type { WorkerContext } from "../base/worker-context.ts";
import type { Http2KeepaliveConfig } from "./model.ts";

/** What is kept alive: a connection of HTTP/2, either side of it. */
export interface KeptAlive {
  ping(): void;
  /** No answer came in time: the connection is dead. */
  onKeepaliveTimeout(): void;
}

/** The pings of one connection (Envoy's `connection_keepalive`). Whatever comes from the peer is a sign of life. */
export class Http2Keepalive implements TimerTarget {
  readonly #config: Http2KeepaliveConfig;
  readonly #worker: WorkerContext;
  readonly #target: KeptAlive;
  readonly #interval: Timer = new Timer(this);
  readonly #timeout: Timer = new Timer(this);
  /** When something came last, in monotonic milliseconds. */
  #lastBytesMs: number;

  constructor(config: Http2KeepaliveConfig, worker: WorkerContext, target: KeptAlive) {
    this.#config = config;
    this.#worker = worker;
    this.#target = target;
    this.#lastBytesMs = worker.nowMs();
    this.#armInterval();
  }

  /** A stream is about to begin. */
  onNewStream(): void {
    const { connectionIdleIntervalMs } = this.#config;
    if (connectionIdleIntervalMs === 0) return;
    if (this.#worker.nowMs() - this.#lastBytesMs > connectionIdleIntervalMs) this.#ping();
  }

  /** Something came from the peer. */
  onBytes(): void {
    this.#lastBytesMs = this.#worker.nowMs();
    if (this.#timeout.armed) this.#worker.timers.arm(this.#timeout, this.#config.timeoutMs);
  }

  onPingAck(): void {
    this.#worker.timers.cancel(this.#timeout);
    if (!this.#interval.armed) this.#armInterval();
  }

  cancel(): void {
    this.#worker.timers.cancel(this.#interval);
    this.#worker.timers.cancel(this.#timeout);
  }

  onTimer(timer: Timer): void {
    if (timer === this.#interval) this.#ping();
    else this.#target.onKeepaliveTimeout();
  }

  #ping(): void {
    // One is on its way already.
    if (this.#timeout.armed) return;
    this.#worker.timers.cancel(this.#interval);
    this.#worker.timers.arm(this.#timeout, this.#config.timeoutMs);
    this.#target.ping();
  }

  #armInterval(): void {
    const { intervalMs, intervalJitterPercent } = this.#config;
    if (intervalMs === 0) return;
    const jitterMs = (intervalMs * this.#worker.random() * intervalJitterPercent) / 100;
    this.#worker.timers.arm(this.#interval, intervalMs + jitterMs);
  }
}
