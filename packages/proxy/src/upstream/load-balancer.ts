import type { Hash64 } from "../base/hash64.ts";
import type { HostSet } from "./host-set.ts";
import type { Host } from "./host.ts";
import type { PriorityLoad } from "./load-balancing/priority-load.ts";

/** What a pick may ask of the request it is for (Envoy's `LoadBalancerContext`). */
export interface LoadBalancerContext {
  /** Sets `hash` to that of the request; false when it has none. Asked by load balancers that hash only. */
  computeHash(hash: Hash64): boolean;
  /** True to have another host chosen instead: retries avoid hosts they tried. */
  shouldSelectAnotherHost(host: Host): boolean;
  /** How often a host may be refused before the last one is taken anyway (`host_selection_retry_max_attempts`). */
  readonly hostSelectionRetryCount: number;
  /** How load is spread over priorities for this pick; else as for all. Not asked by load balancers that hash. */
  readonly retryPriority?: RetryPriority | null;
}

/** Spreads load over priorities for the retries of one request. */
export interface RetryPriority {
  /** By priority; `usual` is the load for all others. */
  loadFor(hostSets: readonly HostSet[], usual: PriorityLoad): PriorityLoad;
}

/** Chooses hosts of one cluster on one worker. Each worker has its own, so nothing here is shared. */
export interface LoadBalancer {
  /** A host, or null when there is none to use. Allocates nothing. */
  chooseHost(context: LoadBalancerContext | null): Host | null;
  /** Hosts, weights or health of this priority changed. */
  refresh(priority: number): void;
}
