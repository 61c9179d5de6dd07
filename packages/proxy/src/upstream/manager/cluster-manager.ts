import type { StatsRegistry, WorkerStats } from "../../observe/stats/definition.ts";
import type { Runtime } from "../../runtime/snapshot.ts";
import type { ClusterDefinition } from "../definition.ts";
import type { DiscoveryRuntime } from "../discovery/discovery.ts";
import type { ClusterChange, ClusterUpdate, ConnectionsOnUpdate, Locality } from "../model.ts";
import type { UpstreamMemoryBuffers } from "../shared/upstream-memory.ts";
import { BreakerGauges } from "./breaker-gauges.ts";
import { BreakerPlace } from "./breaker-place.ts";
import type { HostChange, HostSlots } from "./cluster-hosts.ts";
import type { ClusterStatus } from "./cluster-status.ts";
import { clusterStatus } from "./cluster-status.ts";
import {
  connectionsOnUpdate,
  hasSameHosts,
  hasSamePlace,
  isSameDefinition,
  withKnownContexts,
} from "./definition-changes.ts";
import { LoadCounters } from "./load-counters.ts";
import { MainMemory } from "./main-memory.ts";
import type { ClusterEvents, ClusterOrigin, ClusterParts, EdsServices } from "./managed-cluster.ts";
import { ManagedCluster } from "./managed-cluster.ts";
import { ManagerStats } from "./manager-stats.ts";

/** What the cluster manager needs of the main thread. */
export interface ClusterManagerOptions {
  readonly memory: UpstreamMemoryBuffers;
  readonly registry: StatsRegistry;
  /** Main's own store. */
  readonly stats: WorkerStats;
  readonly runtime: DiscoveryRuntime;
  readonly runtimeValues: Runtime;
  /** For clusters of type EDS; without it none can be started. */
  readonly eds?: EdsServices;
  /** Where this proxy is (`node.locality`). */
  readonly locality: Locality;
  /** To every worker that runs, in this order. */
  post(update: ClusterUpdate): void;
  /** Something went wrong that nobody waits for: a text for the log. */
  warn(text: string): void;
}

/** Told of clusters that come and go (Envoy's `ClusterUpdateCallbacks`), each time behind the fact. */
export interface ClusterListener {
  /** A cluster serves under this name, for the first time or with another definition. */
  onClusterAddOrUpdate?(name: string): void;
  onClusterRemoval?(name: string): void;
  /** So many clusters wait for their first hosts now. */
  onWarmingChange?(warming: number): void;
}

const BOOTSTRAP: ClusterOrigin = { addedViaApi: false };

const NO_EDS: EdsServices = {
  subscriptions: {
    watch() {
      throw new Error("there is nothing that a ClusterLoadAssignment could come from");
    },
  },
  compile: () => ({ error: "" }),
  compileEndpoint: () => ({ error: "" }),
};

/** Owns the clusters on main: finds their hosts and tells the workers what changed. */
export class ClusterManager implements ClusterEvents {
  readonly #options: ClusterManagerOptions;
  /** For load reports. */
  readonly loads: LoadCounters;
  readonly #memory: MainMemory;
  readonly #gauges: BreakerGauges;
  readonly #stats: ManagerStats;
  readonly #parts: ClusterParts;
  /** Clusters that serve, by name. */
  readonly #active = new Map<string, ManagedCluster>();
  /** Clusters that wait for their first hosts; then they take the place of an active one of their name. */
  readonly #warming = new Map<string, ManagedCluster>();
  readonly #listeners = new Set<ClusterListener>();
  #sequence = 0;
  #warmingTold = 0;
  #onInitialized: (() => void) | null = null;

  constructor(options: ClusterManagerOptions) {
    const { memory, registry, stats, runtime, runtimeValues, eds = NO_EDS } = options;
    this.#options = options;
    this.#memory = new MainMemory(memory);
    this.loads = new LoadCounters(this.#memory.hosts, this.#memory.drops);
    this.#gauges = new BreakerGauges(this.#memory.breakers, options);
    this.#stats = new ManagerStats(registry, stats, memory.hosts.workers);
    const slots: HostSlots = {
      allocate: (healthFlags) => this.#allocateHost(healthFlags),
      healthFlags: (slot) => this.#memory.hosts.healthFlags(slot),
      setHealthFlags: (slot, flags) => this.#memory.hosts.setHealthFlags(slot, flags),
      count: (slot, counter, by) => this.#memory.hosts.countOwn(slot, counter, by),
    };
    const { locality: ownLocality } = options;
    this.#parts = { events: this, stats, runtime, runtimeValues, eds, slots, ownLocality };
  }

  /**
   * Starts a cluster, or gives the one of its name another definition: at once where it finds the same hosts, else when the
   * new hosts are known. The same definition again is no change, and one of CDS does not touch a cluster of the bootstrap.
   * The definition's statistics are the manager's from here on.
   * @throws RangeError when there are more clusters than the shared memory has places for
   * @throws Error when its hosts cannot be asked for; then nothing has changed
   */
  addOrUpdate(
    definition: ClusterDefinition,
    origin: ClusterOrigin = BOOTSTRAP,
  ): "added" | "modified" | "unchanged" {
    const { name } = definition.config;
    const before = this.#warming.get(name) ?? this.#active.get(name);
    if (before === undefined) {
      this.#start(definition, origin);
      this.#stats.count("cluster_added");
      return "added";
    }
    const config = withKnownContexts(definition.config, before.definition.config);
    const after = { ...definition, config };
    const isBlocked = origin.addedViaApi && !before.origin.addedViaApi;
    if (isBlocked || isSameDefinition(before.definition, after)) {
      if (definition.stats !== before.definition.stats) definition.stats.release(() => true);
      return "unchanged";
    }
    if (hasSameHosts(before.definition, after)) this.#redefine(before, after);
    else this.#start(after, origin);
    this.#stats.count("cluster_modified");
    return "modified";
  }

  /** False when there is no such cluster, or it is one of the bootstrap. Requests and connections under way go on. */
  remove(name: string): boolean {
    const warming = this.#warming.get(name);
    const active = this.#active.get(name);
    if ((warming ?? active)?.origin.addedViaApi !== true) return false;
    this.#warming.delete(name);
    this.#active.delete(name);
    if (warming !== undefined) this.#retire(warming, 0);
    if (active !== undefined) {
      const sequence = this.#post({ kind: "remove", cluster: name });
      this.#retire(active, sequence);
    }
    this.#stats.count("cluster_removed");
    this.#publishCounts();
    for (const listener of this.#listeners) listener.onClusterRemoval?.(name);
    this.#checkInitialized();
    return true;
  }

  /** Tells `listener` from now on; the returned function ends it. */
  addListener(listener: ClusterListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
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
      ...addition(cluster, "replace"),
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
      this.#post({ kind: "health", cluster: cluster.name, closeFailed: true });
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

  /** Of those that serve. */
  get names(): Iterable<string> {
    return this.#active.keys();
  }

  /** Names of clusters that wait for their first hosts, for /init_dump. */
  get warmingNames(): string[] {
    return [...this.#warming.keys()];
  }

  /** What the newest definition of a cluster waits for; empty when it serves. */
  waitsFor(name: string): string {
    return this.#warming.get(name)?.waitsFor ?? "";
  }

  /** Nothing is asked any more, of DNS or a control plane. */
  close(): void {
    for (const cluster of this.#warming.values()) cluster.stop();
    for (const cluster of this.#active.values()) cluster.stop();
  }

  onReady(cluster: ManagedCluster): void {
    const { name } = cluster;
    const replaced = this.#active.get(name);
    this.#warming.delete(name);
    this.#active.set(name, cluster);
    if (replaced === undefined) this.#post(addition(cluster, "replace"));
    else this.#replace(replaced, cluster);
    this.#publishCounts();
    for (const listener of this.#listeners) listener.onClusterAddOrUpdate?.(name);
    this.#checkInitialized();
  }

  onHostsChanged(cluster: ManagedCluster, change: HostChange): void {
    const { name, hosts } = cluster;
    this.#stats.count("cluster_updated");
    // Before the hosts: who is sorted anew by them would not be seen to have failed.
    if (change.healthChanged) this.#post({ kind: "health", cluster: name, closeFailed: false });
    if (change.hostSets.length === 0 && !change.ratioChanged) return;
    const { dropOverloadRatio } = hosts;
    const { hostSets } = change;
    const sequence = this.#post({ kind: "hosts", cluster: name, dropOverloadRatio, hostSets });
    for (const slot of change.removedSlots) this.#memory.hostSlots.release(slot, sequence);
  }

  #start(definition: ClusterDefinition, origin: ClusterOrigin): void {
    const { name } = definition.config;
    const superseded = this.#warming.get(name);
    const cluster = new ManagedCluster(definition, origin, this.#placeFor(definition), this.#parts);
    this.#warming.set(name, cluster);
    try {
      cluster.start();
    } catch (error) {
      if (superseded === undefined) this.#warming.delete(name);
      else this.#warming.set(name, superseded);
      this.#retire(cluster, 0);
      throw error;
    }
    if (superseded !== undefined) this.#retire(superseded, 0);
    this.#publishCounts();
  }

  /** Breakers of a cluster that takes the place of another go on counting. */
  #placeFor({ config, stats }: ClusterDefinition): BreakerPlace {
    const active = this.#active.get(config.name);
    if (active !== undefined && hasSamePlace(active.definition.config, config))
      return active.place.share();
    const place = BreakerPlace.allocate(this.#memory.breakerSlots);
    if (place !== null) return place;
    stats.release(() => true);
    throw new RangeError(
      `no room for cluster '${config.name}': clustersMax is ${this.#options.memory.breakers.clustersMax}`,
    );
  }

  #redefine(cluster: ManagedCluster, definition: ClusterDefinition): void {
    const connections = connectionsOnUpdate(cluster.definition.config, definition.config);
    cluster.redefine(definition);
    if (!cluster.ready) return;
    this.#post(addition(cluster, connections));
    for (const listener of this.#listeners) listener.onClusterAddOrUpdate?.(cluster.name);
  }

  #replace(before: ManagedCluster, after: ManagedCluster): void {
    if (before.place !== after.place) {
      this.#retire(before, this.#post(addition(after, "replace")));
      return;
    }
    const { unused, left } = after.hosts.adopt(before.hosts);
    const { config } = before.definition;
    const connections = connectionsOnUpdate(config, after.definition.config);
    const sequence = this.#post(addition(after, connections));
    for (const slot of unused) this.#memory.hostSlots.release(slot, 0);
    this.#retire(before, sequence, left);
    after.publishMembership();
  }

  #post(change: ClusterChange): number {
    this.#sequence++;
    this.#options.post({ sequence: this.#sequence, ...change });
    return this.#sequence;
  }

  /** Gives back what the cluster held, once the workers have applied `sequence`. */
  #retire(cluster: ManagedCluster, sequence: number, slots = cluster.hosts.slots): void {
    const { place, definition } = cluster;
    cluster.stop();
    for (const slot of slots) this.#memory.hostSlots.release(slot, sequence);
    place.release(sequence);
    definition.stats.release(() => place.over);
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
    if (this.#onInitialized === null) return;
    for (const { definition } of this.#warming.values()) if (definition.waitForWarmOnInit) return;
    const callback = this.#onInitialized;
    this.#onInitialized = null;
    callback();
  }

  #publishCounts(): void {
    const warming = this.#warming.size;
    this.#stats.setCounts(this.#active.size, warming);
    if (warming === this.#warmingTold) return;
    this.#warmingTold = warming;
    for (const listener of this.#listeners) listener.onWarmingChange?.(warming);
  }
}

function addition(cluster: ManagedCluster, connections: ConnectionsOnUpdate): ClusterChange {
  return {
    kind: "cluster",
    config: cluster.definition.config,
    breakerSlot: cluster.breakerSlot,
    connections,
    dropOverloadRatio: cluster.hosts.dropOverloadRatio,
    hostSets: cluster.hosts.hostSets.slice(),
  };
}
