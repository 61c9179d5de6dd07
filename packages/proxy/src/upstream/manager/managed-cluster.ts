import type { WorkerStats } from "../../observe/stats/definition.ts";
import { CLUSTER_STATS } from "../../observe/stats/tables/cluster.ts";
import { TRANSPORT_SOCKET_MATCH_STATS } from "../../observe/stats/tables/transport-socket-match.ts";
import type { Runtime } from "../../runtime/snapshot.ts";
import type { ClusterDefinition } from "../definition.ts";
import { createDiscovery } from "../discovery/create.ts";
import type {
  Discovery,
  DiscoveryListener,
  DiscoveryRuntime,
  ResolvedHost,
  UpdateCounter,
} from "../discovery/discovery.ts";
import { panicThresholdPercent } from "../load-balancing/priority-load.ts";
import type { HostData, Locality } from "../model.ts";
import { findTransportSocketMatch } from "../transport-socket-match.ts";
import type { HostChange, HostSlots } from "./cluster-hosts.ts";
import { ClusterHosts } from "./cluster-hosts.ts";
import { publishHashTables } from "./hash-table-gauges.ts";

const MATCH_STATS = TRANSPORT_SOCKET_MATCH_STATS.at;

/** What a cluster tells its manager. */
export interface ClusterEvents {
  /** First hosts are known, or known to be unknown. Called once. */
  onReady(cluster: ManagedCluster): void;
  /** Hosts of a priority changed after that. */
  onHostsChanged(cluster: ManagedCluster, priority: number, change: HostChange): void;
}

/** One cluster on main: its discovery, its hosts, its stats. */
export class ManagedCluster implements DiscoveryListener {
  readonly definition: ClusterDefinition;
  /** Place of its circuit breakers in shared memory. */
  readonly breakerSlot: number;
  readonly hosts: ClusterHosts;
  ready = false;

  readonly #events: ClusterEvents;
  readonly #stats: WorkerStats;
  readonly #runtime: DiscoveryRuntime;
  readonly #runtimeValues: Runtime;
  readonly #discovery: Discovery;

  constructor(
    definition: ClusterDefinition,
    breakerSlot: number,
    parts: {
      readonly events: ClusterEvents;
      readonly stats: WorkerStats;
      readonly runtime: DiscoveryRuntime;
      readonly runtimeValues: Runtime;
      readonly slots: HostSlots;
      readonly ownLocality: Locality;
    },
  ) {
    this.definition = definition;
    this.breakerSlot = breakerSlot;
    this.hosts = new ClusterHosts(definition.loadAssignment, parts.ownLocality, parts.slots);
    this.#events = parts.events;
    this.#stats = parts.stats;
    this.#runtime = parts.runtime;
    this.#runtimeValues = parts.runtimeValues;
    this.#discovery = createDiscovery(definition, this, parts.runtime);
  }

  get name(): string {
    return this.definition.config.name;
  }

  start(): void {
    this.#discovery.start();
  }

  stop(): void {
    this.#discovery.stop();
  }

  onHosts(priority: number, resolved: readonly ResolvedHost[]): void {
    const before = this.hosts.hostSets[priority]?.hosts.length ?? 0;
    const change = this.hosts.update(priority, resolved, this.#runtime.wallMs());
    if (change === null) return;
    const after = change.hostSet.hosts.length;
    const added = change.added.length;
    const moved = added > 0 || before + added !== after;
    if (moved) this.#count("membership_change");
    for (const host of change.added) this.#countTransportSocket(host);
    this.#setMaxHostWeight();
    this.publishMembership();
    if (this.ready) this.#events.onHostsChanged(this, priority, change);
  }

  onInitialized(): void {
    this.ready = true;
    this.#events.onReady(this);
  }

  onUpdate(counter: UpdateCounter): void {
    this.#count(counter);
    if (counter === "update_success") this.#setMaxHostWeight();
  }

  /** Writes the gauges that follow from hosts and their health: `membership_…`, and those of hash tables. */
  publishMembership(): void {
    const { loadBalancer } = this.definition.config;
    const healthyPanicThresholdPercent = panicThresholdPercent(loadBalancer, this.#runtimeValues);
    publishHashTables(
      { ...loadBalancer, healthyPanicThresholdPercent },
      this.hosts.hostSets,
      (slot) => this.hosts.healthFlags(slot),
      this.#stats.slots,
    );
    const { total, healthy, degraded, excluded } = this.hosts.membership;
    this.#set("membership_total", total);
    this.#set("membership_healthy", healthy);
    this.#set("membership_degraded", degraded);
    this.#set("membership_excluded", excluded);
  }

  /** Every new host asks the transport socket matcher once. */
  #countTransportSocket({ metadata }: HostData): void {
    const { transportSockets } = this.definition.config;
    const match =
      transportSockets === null ? null : findTransportSocketMatch(transportSockets, metadata);
    if (match === null) this.#count("default.total_match_count");
    else this.#stats.slots[match.scope.base + MATCH_STATS.total_match_count]! += 1;
  }

  /** Envoy does this for STRICT_DNS alone, and without any host it is 1. */
  #setMaxHostWeight(): void {
    if (this.definition.discovery.type !== "STRICT_DNS") return;
    let max = 1;
    for (const { hosts } of this.hosts.hostSets)
      for (const { weight } of hosts) max = Math.max(max, weight);
    this.#set("max_host_weight", max);
  }

  #count(name: keyof typeof CLUSTER_STATS.at, by = 1): void {
    this.#stats.slots[this.definition.config.scope.base + CLUSTER_STATS.at[name]]! += by;
  }

  #set(name: keyof typeof CLUSTER_STATS.at, value: number): void {
    this.#stats.slots[this.definition.config.scope.base + CLUSTER_STATS.at[name]] = value;
  }
}
