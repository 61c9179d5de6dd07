import { TokenBucket } from "../../../base/token-bucket.ts";
import type { WorkerContext } from "../../../base/worker-context.ts";
import { LISTENER_LOCAL_RATELIMIT_STATS } from "../../../observe/stats/tables/listener-local-ratelimit.ts";
import { RuntimeFlag } from "../../../runtime/values.ts";
import type { ListenerFilterWorkerSide } from "../extension.ts";
import { ListenerFilterStatus, type ListenerFilter } from "../filter.ts";
import type { LocalRateLimitConfig } from "./model.ts";

/** Closes a connection for which there is no token, before a byte of it is read. */
class LocalRateLimit implements ListenerFilter {
  readonly #config: LocalRateLimitConfig;
  readonly #bucket: TokenBucket;
  readonly #enabled: RuntimeFlag;
  readonly #slots: Float64Array;

  constructor(config: LocalRateLimitConfig, worker: WorkerContext) {
    this.#config = config;
    this.#bucket = new TokenBucket(config.bucket);
    this.#enabled = new RuntimeFlag(config.enabled, worker.runtime);
    this.#slots = worker.stats.slots;
  }

  onAccept(): ListenerFilterStatus {
    const { scope } = this.#config;
    if (!this.#enabled.enabled || this.#bucket.tryTake()) return ListenerFilterStatus.Continue;
    this.#slots[scope.base + LISTENER_LOCAL_RATELIMIT_STATS.at.rate_limited]! += 1;
    return ListenerFilterStatus.Close;
  }

  onData(): ListenerFilterStatus {
    return ListenerFilterStatus.Continue;
  }
}

/** Worker side of the local rate limit. */
export const localRateLimitWorkerSide: ListenerFilterWorkerSide<LocalRateLimitConfig> = {
  configType: "envoy.extensions.filters.listener.local_ratelimit.v3.LocalRateLimit",
  build: (config, worker) => new LocalRateLimit(config, worker),
};
