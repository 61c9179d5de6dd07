import type { StatsRegistry, WorkerStats } from "../../observe/stats/definition.ts";
import { CIRCUIT_BREAKER_REMAINING_STATS } from "../../observe/stats/tables/circuit-breaker.ts";
import { CLUSTER_STATS } from "../../observe/stats/tables/cluster.ts";
import type { Runtime } from "../../runtime/snapshot.ts";
import { retriesLimit } from "../circuit-breakers.ts";
import type { ThresholdsConfig } from "../model.ts";
import type { MainBreakerMemory } from "../shared/breaker-memory.ts";
import { Resource, RoutingPriority } from "../shared/breaker-memory.ts";
import { thresholdsKeyPrefix, thresholdsNow } from "../thresholds-now.ts";
import type { ManagedCluster } from "./managed-cluster.ts";

const PRIORITIES = [
  { name: "default", priority: RoutingPriority.Default },
  { name: "high", priority: RoutingPriority.High },
] as const;

/**
 * The gauges `circuit_breakers.<priority>.…`. The counts are shared by the workers, so no worker could write
 * them: main reads the counts when somebody looks at the stats.
 */
export class BreakerGauges {
  readonly #memory: MainBreakerMemory;
  readonly #slots: Float64Array;
  readonly #runtime: Runtime;

  constructor(
    memory: MainBreakerMemory,
    parts: { readonly stats: WorkerStats; readonly runtimeValues: Runtime },
  ) {
    this.#memory = memory;
    this.#slots = parts.stats.slots;
    this.#runtime = parts.runtimeValues;
  }

  /** Writes the gauges of one cluster as they are now. */
  refresh({ definition, breakerSlot }: ManagedCluster): void {
    const { circuitBreakers, scope, name: cluster } = definition.config;
    for (const { name, priority } of PRIORITIES) {
      const keyPrefix = thresholdsKeyPrefix(cluster, name);
      const limits = thresholdsNow(circuitBreakers[name], keyPrefix, this.#runtime);
      const count = (resource: Resource): number =>
        this.#memory.count(breakerSlot, priority, resource);
      const retriesMax = retriesLimit(
        limits,
        count(Resource.Requests) + count(Resource.PendingRequests),
      );
      const at = (stat: OpenStat): number =>
        scope.base + CLUSTER_STATS.at[`circuit_breakers.${name}.${stat}`];
      this.#slots[at("cx_open")] = isOpen(count(Resource.Connections), limits.maxConnections);
      this.#slots[at("rq_pending_open")] = isOpen(
        count(Resource.PendingRequests),
        limits.maxPendingRequests,
      );
      this.#slots[at("rq_open")] = isOpen(count(Resource.Requests), limits.maxRequests);
      this.#slots[at("rq_retry_open")] = isOpen(count(Resource.Retries), retriesMax);
      this.#slots[at("cx_pool_open")] = isOpen(
        count(Resource.ConnectionPools),
        limits.maxConnectionPools,
      );
      if (limits.trackRemaining) {
        const prefix = `${scope.prefix}circuit_breakers.${name}.`;
        this.#remaining(definition.stats, prefix, limits, count);
      }
    }
  }

  #remaining(
    registry: StatsRegistry,
    prefix: string,
    limits: ThresholdsConfig,
    count: (resource: Resource) => number,
  ): void {
    const { base } = registry.scope(prefix, CIRCUIT_BREAKER_REMAINING_STATS);
    const { at } = CIRCUIT_BREAKER_REMAINING_STATS;
    const left = (max: number, resource: Resource): number => Math.max(0, max - count(resource));
    this.#slots[base + at.remaining_cx] = left(limits.maxConnections, Resource.Connections);
    this.#slots[base + at.remaining_pending] = left(
      limits.maxPendingRequests,
      Resource.PendingRequests,
    );
    this.#slots[base + at.remaining_rq] = left(limits.maxRequests, Resource.Requests);
    // Under a retry budget Envoy keeps none.
    this.#slots[base + at.remaining_retries] =
      limits.retryBudget === null ? left(limits.maxRetries, Resource.Retries) : 0;
    // Envoy prints 2^64 - 1 for "no limit"; the nearest number that fits a slot is 2^64.
    const pools = Math.min(limits.maxConnectionPools, 2 ** 64);
    this.#slots[base + at.remaining_cx_pools] = left(pools, Resource.ConnectionPools);
  }
}

type OpenStat = "cx_open" | "cx_pool_open" | "rq_open" | "rq_pending_open" | "rq_retry_open";

/** A limit of 0 shows as open only once something went past it, as in Envoy. */
function isOpen(count: number, max: number): number {
  return count > 0 && count >= max ? 1 : 0;
}
