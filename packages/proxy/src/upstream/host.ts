import type { Address, Metadata } from "../observe/stream-info.ts";
import type { HostData, Locality } from "./model.ts";
import type { WorkerHostMemory } from "./shared/host-memory.ts";
import { HostCell, HostCounter, isAvailable } from "./shared/host-memory.ts";

/** How much a host is used, as of the last update. */
export const Availability = { Healthy: 0, Degraded: 1, Unhealthy: 2 } as const;
export type Availability = (typeof Availability)[keyof typeof Availability];

/**
 * One upstream host on one worker. The object lives as long as its address is in the cluster, whatever else
 * changes, because the connection pools live on it.
 */
export class Host {
  readonly slot: number;
  /** Set again by updates; read them when needed. The address changes in LOGICAL_DNS clusters only. */
  address: Address;
  hostname: string;
  metadata: Metadata | null;
  /** The metadata says so. */
  canary: boolean;
  weight: number;
  locality: Locality;
  priority: number;
  /** When the host came into the cluster, in milliseconds since the epoch: slow start counts from here. */
  readonly addedMs: number;
  /** Where the last update sorted it; the load balancers' view. `available` is the view of this instant. */
  availability: Availability = Availability.Healthy;
  /** True once the host left its cluster: pools drain, nothing new is sent to it. */
  removed = false;
  /** The pools; set by their owner. */
  httpPool: unknown = null;

  readonly #memory: WorkerHostMemory;

  constructor(data: HostData, locality: Locality, priority: number, memory: WorkerHostMemory) {
    this.address = data.address;
    this.slot = data.slot;
    this.hostname = data.hostname;
    this.metadata = data.metadata;
    this.canary = isCanary(data.metadata);
    this.weight = data.weight;
    this.locality = locality;
    this.priority = priority;
    this.#memory = memory;
    this.addedMs = data.addedMs;
  }

  /** The same host with new facts. */
  update(data: HostData, locality: Locality, priority: number): void {
    this.address = data.address;
    this.hostname = data.hostname;
    this.metadata = data.metadata;
    this.canary = isCanary(data.metadata);
    this.weight = data.weight;
    this.locality = locality;
    this.priority = priority;
  }

  /** Requests on the way to this host, of all workers. */
  get activeRequests(): number {
    return this.#memory.load(this.slot, HostCell.ActiveRequests);
  }

  /** A request was given to this host: `rq_active` and `rq_total` rise. Pair with `releaseRequest`. */
  acquireRequest(): void {
    this.#memory.addActiveRequest(this.slot, 1);
    this.#memory.count(this.slot, HostCounter.RqTotal, 1);
  }

  releaseRequest(): void {
    this.#memory.addActiveRequest(this.slot, -1);
  }

  /** Adds to one of the host's own counters, which /clusters shows: `host.count(HostCounter.RqSuccess)`. */
  count(counter: HostCounter, by = 1): void {
    this.#memory.count(this.slot, counter, by);
  }

  /** `HealthFlag` bits, as main last wrote them. */
  get healthFlags(): number {
    return this.#memory.load(this.slot, HostCell.HealthFlags);
  }

  /** Healthy or degraded. */
  get available(): boolean {
    return isAvailable(this.healthFlags);
  }
}

function isCanary(metadata: Metadata | null): boolean {
  const labels = metadata?.["envoy.lb"] as { readonly canary?: unknown } | undefined;
  return labels?.canary === true;
}
