import type { WorkerContext } from "../base/worker-context.ts";
import { buildHashPolicies, type HashPolicies } from "../http/hash-policy/hash-policies.ts";
import { RuntimeNumber } from "../runtime/values.ts";
import { CircuitBreakers } from "./circuit-breakers.ts";
import type { HostSet } from "./host-set.ts";
import { buildHostSet, resortHostSet } from "./host-set.ts";
import { Availability, Host } from "./host.ts";
import type { LoadBalancer, LoadBalancerContext } from "./load-balancer.ts";
import { createLoadBalancer } from "./load-balancing/create.ts";
import type { ClusterConfig, HostData, HostSetData } from "./model.ts";
import { Resource } from "./shared/breaker-memory.ts";
import type { WorkerUpstreamMemory } from "./shared/upstream-memory.ts";
import type { TransportSockets } from "./transport-sockets.ts";

/** Told by a cluster what happens to its hosts; the connection pools listen. */
export interface HostObserver {
  /** The host left the cluster (or the cluster went): close idle connections, drain the others. */
  onHostRemoved(cluster: Cluster, host: Host): void;
  /** The host became unhealthy and the cluster closes connections then. */
  onHostUnhealthy(cluster: Cluster, host: Host): void;
}

/** One cluster on one worker. */
export class Cluster {
  readonly config: ClusterConfig;
  readonly breakers: CircuitBreakers;
  /** Place of the cluster's counters and gauges in `worker.stats.slots`: `statsBase + CLUSTER_STATS.at.…`. */
  readonly statsBase: number;
  /** A pick asks its context for a hash. */
  readonly hashes: boolean;
  /** Of the load balancer, for whatever asks; null for none. */
  readonly hashPolicies: HashPolicies | null;
  /** The same for HTTP requests, with those of the cluster's HTTP options in their place; null: the route's count. */
  readonly httpHashPolicies: HashPolicies | null;

  /** What lies over the sockets to its hosts; set by the pools' side with the first connection. */
  transportSockets: TransportSockets | null = null;

  readonly #worker: WorkerContext;
  readonly #maintenancePercent: RuntimeNumber;
  readonly #memory: WorkerUpstreamMemory;
  readonly #observer: HostObserver;
  readonly #hostSets: HostSet[] = [];
  readonly #hosts = new Map<number, Host>();
  readonly #loadBalancer: LoadBalancer;

  constructor(
    config: ClusterConfig,
    breakerSlot: number,
    hostSets: readonly HostSetData[],
    worker: WorkerContext,
    memory: WorkerUpstreamMemory,
    observer: HostObserver,
  ) {
    this.config = config;
    this.breakers = new CircuitBreakers(config, breakerSlot, memory.breakers, worker);
    this.statsBase = config.scope.base;
    this.#worker = worker;
    this.#maintenancePercent = new RuntimeNumber(
      { value: 0, key: `upstream.maintenance_mode.${config.name}` },
      worker.runtime,
      "integer",
    );
    this.#memory = memory;
    this.#observer = observer;
    hostSets.forEach((data, priority) => this.#fill(data, priority));
    this.#loadBalancer = createLoadBalancer(config, this.#hostSets, worker, () =>
      this.breakers.count(Resource.Requests),
    );
    const { loadBalancer, http } = config;
    this.hashes = loadBalancer.algorithm === "ring_hash" || loadBalancer.algorithm === "maglev";
    const own = "hashPolicies" in loadBalancer ? loadBalancer.hashPolicies : undefined;
    this.hashPolicies = buildHashPolicies(own);
    this.httpHashPolicies = this.hashPolicies ?? buildHashPolicies(http.hashPolicies);
  }

  get name(): string {
    return this.config.name;
  }

  get hostCount(): number {
    return this.#hosts.size;
  }

  /** All hosts, of every priority and health, in no particular order. */
  get hosts(): Iterable<Host> {
    return this.#hosts.values();
  }

  /** By priority. */
  get hostSets(): readonly HostSet[] {
    return this.#hostSets;
  }

  /** A host for one request or connection, or null when there is none (`no healthy upstream`). */
  chooseHost(context: LoadBalancerContext | null): Host | null {
    return this.#loadBalancer.chooseHost(context);
  }

  /** Whether this request is one of those that the runtime keeps from the cluster (`upstream.maintenance_mode.<name>`). */
  inMaintenance(): boolean {
    const percent = this.#maintenancePercent.value;
    return percent > 0 && this.#worker.random() * 100 < percent;
  }

  /** Whether this request is one of those that `drop_overloads` gives up. */
  shouldDropOverload(): boolean {
    const ratio = this.config.dropOverloadRatio;
    return ratio > 0 && this.#worker.random() < ratio;
  }

  /** New hosts for some priorities. */
  updateHosts(
    changes: readonly { readonly priority: number; readonly hostSet: HostSetData }[],
  ): void {
    for (const { priority, hostSet } of changes) this.#fill(hostSet, priority);
    for (const { priority } of changes) this.#loadBalancer.refresh(priority);
    this.#dropMissing();
  }

  /** Health flags in the shared memory changed. */
  updateHealth(): void {
    for (let priority = 0; priority < this.#hostSets.length; priority++) {
      const hostSet = this.#hostSets[priority]!;
      const failed = hostSet.hosts.filter(
        (host) => host.availability !== Availability.Unhealthy && !host.available,
      );
      this.#hostSets[priority] = resortHostSet(hostSet);
      this.#loadBalancer.refresh(priority);
      if (!this.config.closeConnectionsOnHostHealthFailure) continue;
      for (const host of failed) this.#observer.onHostUnhealthy(this, host);
    }
  }

  /** The cluster is gone: every host is reported as removed. */
  close(): void {
    for (const host of this.#hosts.values()) this.#drop(host);
    this.#hosts.clear();
  }

  #fill(data: HostSetData, priority: number): void {
    const hosts = data.hosts.map((host) => this.#keepOrAdd(host, data, priority));
    this.#hostSets[priority] = buildHostSet(data, hosts, priority);
  }

  #keepOrAdd(data: HostData, set: HostSetData, priority: number): Host {
    const locality = set.localities[data.locality]!;
    const known = this.#hosts.get(data.slot);
    if (known !== undefined) {
      known.update(data, locality, priority);
      return known;
    }
    const host = new Host(data, locality, priority, this.#memory.hosts);
    this.#hosts.set(data.slot, host);
    return host;
  }

  #dropMissing(): void {
    const present = new Set<number>();
    for (const hostSet of this.#hostSets) for (const host of hostSet.hosts) present.add(host.slot);
    for (const [slot, host] of this.#hosts) {
      if (present.has(slot)) continue;
      this.#hosts.delete(slot);
      this.#drop(host);
    }
  }

  #drop(host: Host): void {
    host.removed = true;
    this.#observer.onHostRemoved(this, host);
  }
}
