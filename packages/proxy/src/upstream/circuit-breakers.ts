import type { WorkerContext } from "../base/worker-context.ts";
import { CLUSTER_STATS } from "../observe/stats/tables/cluster.ts";
import type { Runtime } from "../runtime/snapshot.ts";
import type { ClusterConfig, ThresholdsConfig } from "./model.ts";
import type { WorkerBreakerMemory } from "./shared/breaker-memory.ts";
import { breakerCells, Resource, RoutingPriority } from "./shared/breaker-memory.ts";
import { thresholdsKeyPrefix, thresholdsNow } from "./thresholds-now.ts";

/** The circuit breakers of one cluster. Counts are shared by all workers; the limits hold for their sum. */
export class CircuitBreakers {
  readonly default: ResourceManager;
  readonly high: ResourceManager;

  constructor(
    config: ClusterConfig,
    slot: number,
    memory: WorkerBreakerMemory,
    worker: Pick<WorkerContext, "stats" | "runtime">,
  ) {
    const manager = (name: "default" | "high", priority: RoutingPriority): ResourceManager =>
      new ResourceManager(config, name, breakerCells(slot, priority), memory, worker);
    this.default = manager("default", RoutingPriority.Default);
    this.high = manager("high", RoutingPriority.High);
  }

  /** Other limits; what is taken stays taken. */
  setLimits(config: ClusterConfig["circuitBreakers"]): void {
    this.default.setLimits(config.default);
    this.high.setLimits(config.high);
  }

  /** Active ones of all workers and both priorities. */
  count(resource: Resource): number {
    return this.default.count(resource) + this.high.count(resource);
  }

  of(priority: RoutingPriority): ResourceManager {
    return priority === RoutingPriority.High ? this.high : this.default;
  }
}

/** Names of the counters that a refused resource adds to, by `Resource`. */
const OVERFLOW = [
  CLUSTER_STATS.at.upstream_cx_overflow,
  CLUSTER_STATS.at.upstream_rq_pending_overflow,
  CLUSTER_STATS.at.upstream_rq_active_overflow,
  CLUSTER_STATS.at.upstream_rq_retry_overflow,
  CLUSTER_STATS.at.upstream_cx_pool_overflow,
] as const;

/** The limits of one routing priority of one cluster (Envoy's `ResourceManager`). */
export class ResourceManager {
  #config: ThresholdsConfig;
  readonly #keyPrefix: string;
  readonly #runtime: Runtime;
  /** What the runtime made of the configuration, and when. */
  #now: ThresholdsConfig;
  #limits: readonly number[];
  #generation: number;
  readonly #cell: number;
  readonly #totals: Int32Array;
  readonly #shares: Int32Array;
  readonly #slots: Float64Array;
  readonly #statsBase: number;

  constructor(
    { name, circuitBreakers, scope }: ClusterConfig,
    priority: "default" | "high",
    cell: number,
    memory: WorkerBreakerMemory,
    { stats, runtime }: Pick<WorkerContext, "stats" | "runtime">,
  ) {
    this.#config = circuitBreakers[priority];
    this.#keyPrefix = thresholdsKeyPrefix(name, priority);
    this.#runtime = runtime;
    this.#generation = runtime.generation;
    this.#now = thresholdsNow(this.#config, this.#keyPrefix, runtime);
    this.#limits = limitsOf(this.#now);
    this.#cell = cell;
    this.#totals = memory.totals;
    this.#shares = memory.shares;
    this.#slots = stats.slots;
    this.#statsBase = scope.base;
  }

  setLimits(config: ThresholdsConfig): void {
    this.#config = config;
    this.#generation = this.#runtime.generation;
    this.#now = thresholdsNow(config, this.#keyPrefix, this.#runtime);
    this.#limits = limitsOf(this.#now);
  }

  /** Takes one, or counts an overflow (`upstream_cx_overflow` …) and returns false. Pair with `release`. */
  tryAcquire(resource: Resource): boolean {
    return this.#tryBelow(resource, this.max(resource));
  }

  /** The same of a retry. `ended`: the request that is retried, where it is not counted any more but has to be for a budget. */
  tryAcquireRetry(ended: 0 | 1): boolean {
    return this.#tryBelow(Resource.Retries, this.#retriesMax(ended));
  }

  #tryBelow(resource: Resource, max: number): boolean {
    const cell = this.#cell + resource;
    // Looked at first, so that workers at the limit do not make each other's counts flicker above it.
    if (Atomics.load(this.#totals, cell) >= max) return this.#refuse(resource);
    if (Atomics.add(this.#totals, cell, 1) >= max) {
      Atomics.sub(this.#totals, cell, 1);
      return this.#refuse(resource);
    }
    this.#shares[cell]! += 1;
    return true;
  }

  /**
   * Takes one whatever the limit: a host without any connection gets its first one even then, since its
   * requests could not end otherwise.
   */
  acquire(resource: Resource): void {
    const cell = this.#cell + resource;
    Atomics.add(this.#totals, cell, 1);
    this.#shares[cell]! += 1;
  }

  release(resource: Resource): void {
    const cell = this.#cell + resource;
    Atomics.sub(this.#totals, cell, 1);
    this.#shares[cell]! -= 1;
  }

  /** Active ones of all workers. */
  count(resource: Resource): number {
    return Atomics.load(this.#totals, this.#cell + resource);
  }

  canCreate(resource: Resource): boolean {
    return this.count(resource) < this.max(resource);
  }

  /** The limit; under a retry budget that of retries moves with the active and pending requests. */
  max(resource: Resource): number {
    if (this.#generation !== this.#runtime.generation) this.#refresh();
    return resource === Resource.Retries ? this.#retriesMax(0) : this.#limits[resource]!;
  }

  #retriesMax(ended: 0 | 1): number {
    if (this.#generation !== this.#runtime.generation) this.#refresh();
    const active = this.count(Resource.Requests) + this.count(Resource.PendingRequests);
    return retriesLimit(this.#now, active + ended);
  }

  #refresh(): void {
    this.#generation = this.#runtime.generation;
    this.#now = thresholdsNow(this.#config, this.#keyPrefix, this.#runtime);
    this.#limits = limitsOf(this.#now);
  }

  #refuse(resource: Resource): false {
    this.#slots[this.#statsBase + OVERFLOW[resource]]! += 1;
    return false;
  }
}

/** By `Resource`. */
function limitsOf(thresholds: ThresholdsConfig): readonly number[] {
  return [
    thresholds.maxConnections,
    thresholds.maxPendingRequests,
    thresholds.maxRequests,
    thresholds.maxRetries,
    thresholds.maxConnectionPools,
  ];
}

/** How many retries there may be at once while `active` requests are on their way or wait. */
export function retriesLimit(
  { retryBudget, maxRetries }: ThresholdsConfig,
  active: number,
): number {
  if (retryBudget === null) return maxRetries;
  const { budgetPercent, minRetryConcurrency } = retryBudget;
  return Math.max(minRetryConcurrency, Math.floor((budgetPercent * active) / 100));
}
