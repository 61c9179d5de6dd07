import { isDeepStrictEqual } from "node:util";
import type { WorkerContext } from "../base/worker-context.ts";
import { buildHashPolicies, type HashPolicies } from "../http/hash-policy/hash-policies.ts";
import { RuntimeNumber } from "../runtime/values.ts";
import { CircuitBreakers } from "./circuit-breakers.ts";
import type { HostSet } from "./host-set.ts";
import { buildHostSet, resortHostSet } from "./host-set.ts";
import { Availability, Host } from "./host.ts";
import type { LoadBalancer, LoadBalancerContext } from "./load-balancer.ts";
import { createLoadBalancer } from "./load-balancing/create.ts";
import type { ClusterConfig, HostData, HostSetData, PriorityHosts } from "./model.ts";
import { Resource } from "./shared/breaker-memory.ts";
import { healthStatus } from "./shared/health-status.ts";
import type { WorkerUpstreamMemory } from "./shared/upstream-memory.ts";
import { findTransportSocketMatch } from "./transport-socket-match.ts";
import type { TransportSockets } from "./transport-sockets.ts";

/** What main tells of a cluster, as of its last update. */
export interface ClusterState {
  readonly config: ClusterConfig;
  /** Place of its counts in the shared breaker memory. */
  readonly breakerSlot: number;
  /** By priority. */
  readonly hostSets: readonly HostSetData[];
  readonly dropOverloadRatio: number;
}

/** Told by a cluster what happens to its hosts; the connection pools listen. */
export interface HostObserver {
  /** The cluster is gone, or another one has its name now; its hosts are reported next. */
  onClusterRemoved(cluster: Cluster): void;
  /** The host left the cluster (or the cluster went): close idle connections, drain the others. */
  onHostRemoved(cluster: Cluster, host: Host): void;
  /** The host became unhealthy and the cluster closes connections then. */
  onHostUnhealthy(cluster: Cluster, host: Host): void;
  /** Connections to the host are made in another way from now on: those that are there take no new requests. */
  onConnectionsOutdated(cluster: Cluster, host: Host): void;
}

/** One cluster on one worker. Updates change it in place, so what goes on in it goes on. */
export class Cluster {
  /** Updates replace it; what matters to a request or connection is read when it begins. */
  config: ClusterConfig;
  readonly breakers: CircuitBreakers;
  /** Place of the cluster's counters and gauges in `worker.stats.slots`: `statsBase + CLUSTER_STATS.at.…`. */
  readonly statsBase: number;
  /** A pick asks its context for a hash. */
  hashes = false;
  /** Of the load balancer, for whatever asks; null for none. */
  hashPolicies: HashPolicies | null = null;
  /** The same for HTTP requests, with those of the cluster's HTTP options in their place; null: the route's count. */
  httpHashPolicies: HashPolicies | null = null;
  /** The share of requests to refuse at once, 0 to 1. */
  dropOverloadRatio: number;

  /** What lies over the sockets to its hosts; set by the pools' side with the first connection. */
  transportSockets: TransportSockets | null = null;

  readonly #worker: WorkerContext;
  readonly #maintenancePercent: RuntimeNumber;
  readonly #memory: WorkerUpstreamMemory;
  /** Its place among the breakers. */
  readonly #slot: number;
  readonly #observer: HostObserver;
  readonly #hostSets: HostSet[] = [];
  readonly #hosts = new Map<number, Host>();
  #loadBalancer: LoadBalancer;
  /** Hosts by address; null until somebody asks. */
  #byAddress: Map<string, Host> | null = null;

  constructor(
    { config, breakerSlot, hostSets, dropOverloadRatio }: ClusterState,
    worker: WorkerContext,
    memory: WorkerUpstreamMemory,
    observer: HostObserver,
  ) {
    this.config = config;
    this.dropOverloadRatio = dropOverloadRatio;
    this.breakers = new CircuitBreakers(config, breakerSlot, memory.breakers, worker);
    this.statsBase = config.scope.base;
    this.#worker = worker;
    this.#maintenancePercent = new RuntimeNumber(
      { value: 0, key: `upstream.maintenance_mode.${config.name}` },
      worker.runtime,
      "integer",
    );
    this.#memory = memory;
    this.#slot = breakerSlot;
    this.#observer = observer;
    hostSets.forEach((data, priority) => this.#fill(data, priority));
    this.#loadBalancer = this.#createLoadBalancer();
    this.#buildHashPolicies();
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

  /** The host at an address (`10.0.0.1:80`), whatever its health; null for none. */
  hostAt(address: string): Host | null {
    this.#byAddress ??= indexByAddress(this.#hostSets);
    return this.#byAddress.get(address) ?? null;
  }

  /** Whether requests may ask for the host in the health that it is in (`override_host_status`). */
  mayOverride(host: Host): boolean {
    return ((1 << healthStatus(host.healthFlags)) & this.config.overrideHostStatuses) !== 0;
  }

  /** Whether this request is one of those that the runtime keeps from the cluster (`upstream.maintenance_mode.<name>`). */
  inMaintenance(): boolean {
    const percent = this.#maintenancePercent.value;
    return percent > 0 && this.#worker.random() * 100 < percent;
  }

  /** A request is answered instead of being sent; `isDropOverload`: because of `drop_overloads`. */
  countDropped(isDropOverload = false): void {
    this.#memory.drops.count(this.#slot, isDropOverload);
  }

  /** Whether this request is one of those that `drop_overloads` gives up. */
  shouldDropOverload(): boolean {
    const ratio = this.dropOverloadRatio;
    return ratio > 0 && this.#worker.random() < ratio;
  }

  /**
   * Another configuration, with the same place for statistics and breakers. `outdated`: it concerns how connections are made
   * or used.
   */
  update(config: ClusterConfig, hostSets: readonly HostSetData[], outdated: boolean): void {
    const before = this.config;
    this.config = config;
    this.breakers.setLimits(config.circuitBreakers);
    if (outdated) this.transportSockets = null;
    this.#buildHashPolicies();
    const stay = new Set(this.#hosts.values());
    hostSets.forEach((data, priority) => this.#fill(data, priority));
    if (isDeepStrictEqual(config.loadBalancer, before.loadBalancer)) {
      for (let priority = 0; priority < hostSets.length; priority++)
        this.#loadBalancer.refresh(priority);
    } else {
      this.#loadBalancer = this.#createLoadBalancer();
    }
    this.#dropMissing();
    if (!outdated) return;
    for (const host of this.#hosts.values())
      if (stay.has(host)) this.#observer.onConnectionsOutdated(this, host);
  }

  /** New hosts for some priorities. */
  updateHosts(changes: readonly PriorityHosts[]): void {
    for (const { priority, hostSet } of changes) this.#fill(hostSet, priority);
    for (const { priority } of changes) this.#loadBalancer.refresh(priority);
    this.#dropMissing();
  }

  /** Health flags in the shared memory changed; `closeFailed`: because of checks, not of what the configuration says. */
  updateHealth(closeFailed: boolean): void {
    for (let priority = 0; priority < this.#hostSets.length; priority++) {
      const hostSet = this.#hostSets[priority]!;
      const failed = hostSet.hosts.filter(
        (host) => host.availability !== Availability.Unhealthy && !host.available,
      );
      this.#hostSets[priority] = resortHostSet(hostSet);
      this.#loadBalancer.refresh(priority);
      if (!closeFailed || !this.config.closeConnectionsOnHostHealthFailure) continue;
      for (const host of failed) this.#observer.onHostUnhealthy(this, host);
    }
  }

  /** The cluster is gone: every host is reported as removed. */
  close(): void {
    this.#observer.onClusterRemoved(this);
    for (const host of this.#hosts.values()) this.#drop(host);
    this.#hosts.clear();
  }

  #createLoadBalancer(): LoadBalancer {
    return createLoadBalancer(this.config, this.#hostSets, this.#worker, () =>
      this.breakers.count(Resource.Requests),
    );
  }

  #buildHashPolicies(): void {
    const { loadBalancer, http } = this.config;
    this.hashes = loadBalancer.algorithm === "ring_hash" || loadBalancer.algorithm === "maglev";
    const own = "hashPolicies" in loadBalancer ? loadBalancer.hashPolicies : undefined;
    this.hashPolicies = buildHashPolicies(own);
    this.httpHashPolicies = this.hashPolicies ?? buildHashPolicies(http.hashPolicies);
  }

  #fill(data: HostSetData, priority: number): void {
    this.#byAddress = null;
    const hosts = data.hosts.map((host) => this.#keepOrAdd(host, data, priority));
    this.#hostSets[priority] = buildHostSet(data, hosts, priority);
  }

  #keepOrAdd(data: HostData, set: HostSetData, priority: number): Host {
    const locality = set.localities[data.locality]!;
    const known = this.#hosts.get(data.slot);
    if (known !== undefined) {
      const outdated = this.#reachesOtherwise(known, data);
      known.update(data, locality, priority);
      if (outdated) this.#observer.onConnectionsOutdated(this, known);
      return known;
    }
    const host = new Host(data, locality, priority, this.#memory.hosts);
    this.#hosts.set(data.slot, host);
    return host;
  }

  /** Labels of a host choose its transport socket. */
  #reachesOtherwise(host: Host, { metadata }: HostData): boolean {
    const { transportSockets } = this.config;
    if (transportSockets === null || transportSockets.matches.length === 0) return false;
    return (
      findTransportSocketMatch(transportSockets, host.metadata) !==
      findTransportSocketMatch(transportSockets, metadata)
    );
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

/** Of two hosts at one address that of the lower priority counts, then the first. */
function indexByAddress(hostSets: readonly HostSet[]): Map<string, Host> {
  const hosts = new Map<string, Host>();
  for (const { hosts: ofPriority } of hostSets) {
    for (const host of ofPriority)
      if (!hosts.has(host.address.text)) hosts.set(host.address.text, host);
  }
  return hosts;
}
