import { Timer, type TimerTarget } from "../../base/timer-wheel.ts";
import type { WorkerContext } from "../../base/worker-context.ts";
import { CONNECTION_LIMIT_STATS } from "../../observe/stats/tables/connection-limit.ts";
import type { NetworkFilterWorkerSide } from "../extension.ts";
import { NetworkStatus, type NetworkFilter, type NetworkFilterCallbacks } from "../filter.ts";
import type { ConnectionLimitConfig } from "./config.ts";

const STATS = CONNECTION_LIMIT_STATS.at;

/** The connections of one filter chain, counted over all workers; the limit holds for their sum. */
class ConnectionLimit {
  readonly config: ConnectionLimitConfig;
  readonly worker: WorkerContext;
  readonly #counts: Int32Array;
  readonly #own: number;

  constructor(config: ConnectionLimitConfig, worker: WorkerContext) {
    this.config = config;
    this.worker = worker;
    this.#counts = new Int32Array(config.counts);
    this.#own = 1 + worker.workerId;
    // A predecessor of this worker may have died with connections open.
    Atomics.sub(this.#counts, 0, Atomics.exchange(this.#counts, this.#own, 0));
  }

  tryAcquire(): boolean {
    if (Atomics.add(this.#counts, 0, 1) >= this.config.maxConnections) {
      Atomics.sub(this.#counts, 0, 1);
      return false;
    }
    Atomics.add(this.#counts, this.#own, 1);
    return true;
  }

  release(): void {
    Atomics.sub(this.#counts, 0, 1);
    Atomics.sub(this.#counts, this.#own, 1);
  }

  count(stat: number, by: number): void {
    this.worker.stats.slots[this.config.scope.base + stat]! += by;
  }
}

/**
 * Closes a connection above the limit, after a delay if one is set. What it sends meanwhile is read and held (up to the
 * connection's buffer limit), so that it sees a normal end and not a reset.
 */
class ConnectionLimitFilter implements NetworkFilter, TimerTarget {
  readonly #limit: ConnectionLimit;
  readonly #callbacks: NetworkFilterCallbacks;
  #counted = false;
  #timer: Timer | null = null;

  constructor(limit: ConnectionLimit, callbacks: NetworkFilterCallbacks) {
    this.#limit = limit;
    this.#callbacks = callbacks;
  }

  onNewConnection(): NetworkStatus {
    const { config, worker } = this.#limit;
    if (!config.enabled) return NetworkStatus.Continue;
    if (this.#limit.tryAcquire()) {
      this.#counted = true;
      this.#limit.count(STATS.active_connections, 1);
      return NetworkStatus.Continue;
    }
    this.#limit.count(STATS.limited_connections, 1);
    if (config.delayMs > 0) {
      this.#timer = new Timer(this);
      worker.timers.arm(this.#timer, config.delayMs);
    } else {
      this.#callbacks.connection.close("local");
    }
    return NetworkStatus.StopIteration;
  }

  onTimer(): void {
    this.#callbacks.connection.close("local");
  }

  onData(): NetworkStatus {
    return NetworkStatus.Continue;
  }

  onEndStream(): void {}

  onClose(): void {
    if (this.#timer !== null) this.#limit.worker.timers.cancel(this.#timer);
    if (!this.#counted) return;
    this.#counted = false;
    this.#limit.release();
    this.#limit.count(STATS.active_connections, -1);
  }

  onAboveWriteBufferHighWatermark(): void {}
  onBelowWriteBufferLowWatermark(): void {}
}

/** Worker side of the connection limit filter. */
export const connectionLimitWorkerSide: NetworkFilterWorkerSide<ConnectionLimitConfig> = {
  configType: "envoy.extensions.filters.network.connection_limit.v3.ConnectionLimit",
  build(config, services) {
    const limit = new ConnectionLimit(config, services.worker);
    return {
      halfClose: true,
      create: (callbacks) => new ConnectionLimitFilter(limit, callbacks),
      close() {},
    };
  },
};
