import { isDeepStrictEqual } from "node:util";
import type { StatsRegistry, WorkerStats } from "../../observe/stats/definition.ts";
import {
  CLUSTER_MANAGER_STATS,
  THREAD_LOCAL_CLUSTER_MANAGER_STATS,
} from "../../observe/stats/tables/cluster-manager.ts";
import type { Runtime } from "../../runtime/snapshot.ts";
import type { ClusterDefinition } from "../definition.ts";
import type { DiscoveryRuntime } from "../discovery/discovery.ts";
import type { ClusterChange, ClusterUpdate, Locality } from "../model.ts";
import type { UpstreamMemoryBuffers } from "../shared/upstream-memory.ts";
import { BreakerGauges } from "./breaker-gauges.ts";
import type { HostChange, HostSlots } from "./cluster-hosts.ts";
import type { ClusterStatus } from "./cluster-status.ts";
import { clusterStatus } from "./cluster-status.ts";
import { MainMemory } from "./main-memory.ts";
import type { ClusterEvents } from "./managed-cluster.ts";
import { ManagedCluster } from "./managed-cluster.ts";

/** What the cluster manager needs of the main thread. */
export interface ClusterManagerOptions {
  readonly memory: UpstreamMemoryBuffers;
  readonly registry: StatsRegistry;
  /** Main's own store. */
  readonly stats: WorkerStats;
  readonly runtime: DiscoveryRuntime;
  readonly runtimeValues: Runtime;
  /** Where this proxy is (`node.locality`). */
  readonly locality: Locality;
  /** To every worker that runs, in this order. */
  post(update: ClusterUpdate): void;
  /** Something went wrong that nobody waits for: a text for the log. */
  warn(text: string): void;
}

/** Owns the clusters on main: finds their hosts and tells the workers what changed. */
export class ClusterManager implements ClusterEvents {
  readonly #options: ClusterManagerOptions;
  readonly #memory: MainMemory;
  readonly #gauges: BreakerGauges;
  readonly #statsBase: number;
  /** Bases of the `thread_local_cluster_manager.…` stats: main's and every worker's. */
  readonly #threadBases: readonly number[];
  readonly #slots: HostSlots;
  /** Clusters that serve, by name. */
  readonly #active = new Map<string, ManagedCluster>();
  /** Clusters that wait for their first hosts; then they take the place of an active one of their name. */
  readonly #warming = new Map<string, ManagedCluster>();
  #sequence = 0;
  #onInitialized: (() => void) | null = null;

  constructor(options: ClusterManagerOptions) {
    this.#options = options;
    this.#memory = new MainMemory(options.memory);
    this.#gauges = new BreakerGauges(this.#memory.breakers, options);
    this.#statsBase = options.registry.scope("cluster_manager.", CLUSTER_MANAGER_STATS).base;
    this.#threadBases = threadNames(options.memory.hosts.workers).map((thread) => {
      const prefix = `thread_local_cluster_manager.${thread}.`;
      return options.registry.scope(prefix, THREAD_LOCAL_CLUSTER_MANAGER_STATS).base;
    });
    this.#slots = {
      allocate: (healthFlags) => this.#allocateHost(healthFlags),
      healthFlags: (slot) => this.#memory.hosts.healthFlags(slot),
    };
  }

  /**
   * Starts a cluster, or replaces the one of its name once the new one has its first hosts. The same definition
   * again is no change. Throws a RangeError when there are more clusters than the shared memory has places for.
   */
  addOrUpdate(definition: ClusterDefinition): "added" | "modified" | "unchanged" {
    const { name } = definition.config;
    const before = this.#warming.get(name) ?? this.#active.get(name);
    if (before !== undefined && isDeepStrictEqual(before.definition, definition))
      return "unchanged";
    const breakerSlot = this.#memory.breakerSlots.allocate();
    if (breakerSlot === null) {
      throw new RangeError(
        `no room for cluster '${name}': clustersMax is ${this.#options.memory.breakers.clustersMax}`,
      );
    }
    const { stats, runtime, runtimeValues, locality: ownLocality } = this.#options;
    const parts = { events: this, stats, runtime, runtimeValues, slots: this.#slots, ownLocality };
    const cluster = new ManagedCluster(definition, breakerSlot, parts);
    const replaced = this.#warming.get(name);
    if (replaced !== undefined) this.#retire(replaced, 0);
    this.#count(before === undefined ? "cluster_added" : "cluster_modified");
    this.#warming.set(name, cluster);
    this.#publishCounts();
    cluster.start();
    return before === undefined ? "added" : "modified";
  }

  /** False when there is no such cluster. */
  remove(name: string): boolean {
    const warming = this.#warming.get(name);
    const active = this.#active.get(name);
    if (warming === undefined && active === undefined) return false;
    this.#warming.delete(name);
    this.#active.delete(name);
    if (warming !== undefined) this.#retire(warming, 0);
    if (active !== undefined) this.#retire(active, this.#post({ kind: "remove", cluster: name }));
    this.#count("cluster_removed");
    this.#publishCounts();
    this.#checkInitialized();
    return true;
  }

  /** Calls back, perhaps at once, when every cluster that start-up waits for has had its first answer. */
  whenInitialized(callback: () => void): void {
    this.#onInitialized = callback;
    this.#checkInitialized();
  }

  /** All that a new worker must apply before it takes updates. */
  snapshot(): ClusterUpdate[] {
    return [...this.#active.values()].map((cluster) => ({
      sequence: this.#sequence,
      ...addition(cluster),
    }));
  }

  /** A worker died: what it held of hosts and circuit breakers is free again. Before its successor starts. */
  workerDied(worker: number): void {
    this.#memory.takeBack(worker);
  }

  /** Writes gauges that are computed; call before stats are read. */
  refreshGauges(): void {
    for (const cluster of this.#active.values()) this.#gauges.refresh(cluster);
  }

  /** A health check or an outlier detector found out about a host. `slot` is `HostData.slot`. */
  setHealthFlags(cluster: ManagedCluster, slot: number, flags: number): void {
    this.#memory.hosts.setHealthFlags(slot, flags);
    cluster.publishMembership();
    if (this.#active.get(cluster.name) === cluster)
      this.#post({ kind: "health", cluster: cluster.name });
  }

  /** The cluster that serves under this name. */
  get(name: string): ManagedCluster | undefined {
    return this.#active.get(name);
  }

  /** There is a cluster of this name, whether or not it serves yet. */
  has(name: string): boolean {
    return this.#active.has(name) || this.#warming.has(name);
  }

  /** Of those that serve, in the order in which they began to. */
  get definitions(): readonly ClusterDefinition[] {
    return [...this.#active.values()].map(({ definition }) => definition);
  }

  /** For /clusters. */
  statuses(): ClusterStatus[] {
    return [...this.#active.values()].map((cluster) => clusterStatus(cluster, this.#memory.hosts));
  }

  /** Names of clusters that wait for their first hosts, for /init_dump. */
  get warmingNames(): string[] {
    return [...this.#warming.keys()];
  }

  /** No DNS question is asked any more. */
  close(): void {
    for (const cluster of this.#warming.values()) cluster.stop();
    for (const cluster of this.#active.values()) cluster.stop();
  }

  onReady(cluster: ManagedCluster): void {
    const { name } = cluster;
    const replaced = this.#active.get(name);
    this.#warming.delete(name);
    this.#active.set(name, cluster);
    const sequence = this.#post(addition(cluster));
    if (replaced !== undefined) this.#retire(replaced, sequence);
    this.#publishCounts();
    this.#checkInitialized();
  }

  onHostsChanged(cluster: ManagedCluster, priority: number, change: HostChange): void {
    this.#count("cluster_updated");
    const hostSets = [{ priority, hostSet: change.hostSet }];
    const sequence = this.#post({ kind: "hosts", cluster: cluster.name, hostSets });
    for (const slot of change.removedSlots) this.#memory.hostSlots.release(slot, sequence);
  }

  #post(change: ClusterChange): number {
    this.#sequence++;
    this.#options.post({ sequence: this.#sequence, ...change });
    return this.#sequence;
  }

  /** Gives back what the cluster held, once the workers have applied `sequence`. */
  #retire(cluster: ManagedCluster, sequence: number): void {
    cluster.stop();
    for (const slot of cluster.hosts.slots) this.#memory.hostSlots.release(slot, sequence);
    this.#memory.breakerSlots.release(cluster.breakerSlot, sequence);
  }

  #allocateHost(healthFlags: number): number | null {
    const slot = this.#memory.hostSlots.allocate();
    if (slot === null) {
      const { hostsMax } = this.#options.memory.hosts;
      this.#options.warn(`an upstream host is left out: hostsMax is ${hostsMax}`);
      return null;
    }
    this.#memory.hosts.setHealthFlags(slot, healthFlags);
    return slot;
  }

  #checkInitialized(): void {
    for (const { definition } of this.#warming.values()) if (definition.waitForWarmOnInit) return;
    const callback = this.#onInitialized;
    this.#onInitialized = null;
    callback?.();
  }

  #count(name: keyof typeof CLUSTER_MANAGER_STATS.at): void {
    this.#options.stats.slots[this.#statsBase + CLUSTER_MANAGER_STATS.at[name]]! += 1;
  }

  #publishCounts(): void {
    const { slots } = this.#options.stats;
    slots[this.#statsBase + CLUSTER_MANAGER_STATS.at.active_clusters] = this.#active.size;
    slots[this.#statsBase + CLUSTER_MANAGER_STATS.at.warming_clusters] = this.#warming.size;
    for (const base of this.#threadBases) {
      slots[base + THREAD_LOCAL_CLUSTER_MANAGER_STATS.at.clusters_inflated] = this.#active.size;
    }
  }
}

function threadNames(workers: number): string[] {
  return ["main_thread", ...Array.from({ length: workers }, (_, i) => `worker_${i}`)];
}

function addition(cluster: ManagedCluster): ClusterChange {
  return {
    kind: "cluster",
    config: cluster.definition.config,
    breakerSlot: cluster.breakerSlot,
    hostSets: cluster.hosts.hostSets.slice(),
  };
}
