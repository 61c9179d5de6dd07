import { SharedCount } from "../../base/shared-count.ts";
import { Timer, type TimerTarget } from "../../base/timer-wheel.ts";
import type { WorkerContext } from "../../base/worker-context.ts";
import { CONNECTION_LIMIT_STATS } from "../../observe/stats/tables/connection-limit.ts";
import { RuntimeFlag } from "../../runtime/values.ts";
import type { NetworkFilterWorkerSide } from "../extension.ts";
import { NetworkStatus, type NetworkFilter, type NetworkFilterCallbacks } from "../filter.ts";
import type { ConnectionLimitConfig } from "./config.ts";

const STATS = CONNECTION_LIMIT_STATS.at;

/** The connections of one filter chain, counted over all workers; the limit holds for their sum. */
class ConnectionLimit {
  readonly config: ConnectionLimitConfig;
  readonly worker: WorkerContext;
  readonly enabled: RuntimeFlag;
  readonly connections: SharedCount;

  constructor(config: ConnectionLimitConfig, worker: WorkerContext) {
    this.config = config;
    this.worker = worker;
    this.enabled = new RuntimeFlag(config.enabled, worker.runtime);
    this.connections = new SharedCount(config.counts, worker.workerId);
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
    const { config, worker, enabled } = this.#limit;
    if (!enabled.enabled) return NetworkStatus.Continue;
    if (this.#limit.connections.tryAcquire(config.maxConnections)) {
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
    this.#limit.connections.release();
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
