import type { ConfigSource } from "@nuncio/api/types/envoy/config/core/v3/config_source_pb";
import type { ScopeSlots, WorkerStats } from "../../observe/stats/definition.ts";
import { CLUSTER_STATS } from "../../observe/stats/tables/cluster.ts";
import { LEDS_STATS } from "../../observe/stats/tables/eds.ts";
import { TRANSPORT_SOCKET_MATCH_STATS } from "../../observe/stats/tables/transport-socket-match.ts";
import type { Runtime } from "../../runtime/snapshot.ts";
import type { AssignmentPolicy, ClusterDefinition } from "../definition.ts";
import { createDiscovery } from "../discovery/create.ts";
import type {
  Discovery,
  DiscoveryListener,
  DiscoveryRuntime,
  ResolvedHost,
  UpdateCounter,
} from "../discovery/discovery.ts";
import type { EdsSupport } from "../discovery/eds.ts";
import { panicThresholdPercent } from "../load-balancing/priority-load.ts";
import type { HostData, HostSetData, Locality } from "../model.ts";
import { findTransportSocketMatch } from "../transport-socket-match.ts";
import type { BreakerPlace } from "./breaker-place.ts";
import type { HostChange, HostSlots } from "./cluster-hosts.ts";
import { ClusterHosts } from "./cluster-hosts.ts";
import { publishHashTables } from "./hash-table-gauges.ts";

const MATCH_STATS = TRANSPORT_SOCKET_MATCH_STATS.at;

/** What a cluster tells its manager. */
export interface ClusterEvents {
  /** First hosts are known, or known to be unknown. Called once. */
  onReady(cluster: ManagedCluster): void;
  /** Hosts, or how they are used, changed after that. */
  onHostsChanged(cluster: ManagedCluster, change: HostChange): void;
}

/** Where a cluster comes from. */
export interface ClusterOrigin {
  /** By CDS: it may be replaced and removed in the same way. */
  readonly addedViaApi: boolean;
  /** Where CDS has it from, for what says `self`. */
  readonly source?: ConfigSource;
}

/** What clusters are found with: the control planes, and how what they say is read. */
export type EdsServices = Pick<EdsSupport, "subscriptions" | "compile" | "compileEndpoint">;

/** What every cluster needs of its manager. */
export interface ClusterParts {
  readonly events: ClusterEvents;
  readonly stats: WorkerStats;
  readonly runtime: DiscoveryRuntime;
  readonly runtimeValues: Runtime;
  readonly eds: EdsServices;
  readonly slots: HostSlots;
  readonly ownLocality: Locality;
}

/** One cluster on main: its discovery, its hosts, its stats. */
export class ManagedCluster implements DiscoveryListener {
  readonly origin: ClusterOrigin;
  /** Place of its circuit breakers in shared memory. */
  readonly place: BreakerPlace;
  readonly hosts: ClusterHosts;
  ready = false;

  #definition: ClusterDefinition;
  #versionText: string | null = null;

  readonly #events: ClusterEvents;
  readonly #stats: WorkerStats;
  readonly #runtime: DiscoveryRuntime;
  readonly #runtimeValues: Runtime;
  readonly #discovery: Discovery;

  constructor(
    definition: ClusterDefinition,
    origin: ClusterOrigin,
    place: BreakerPlace,
    parts: ClusterParts,
  ) {
    this.#definition = definition;
    this.origin = origin;
    this.place = place;
    this.hosts = new ClusterHosts(definition.loadAssignment, parts.ownLocality, parts.slots);
    this.#events = parts.events;
    this.#stats = parts.stats;
    this.#runtime = parts.runtime;
    this.#runtimeValues = parts.runtimeValues;
    this.#discovery = createDiscovery(definition, this, parts.runtime, {
      ...parts.eds,
      stats: parts.stats,
      parentSource: origin.source,
      setVersionText: (text) => this.#setVersionText(text),
      ledsScope: () => this.#ledsScope(),
    });
  }

  get definition(): ClusterDefinition {
    return this.#definition;
  }

  get breakerSlot(): number {
    return this.place.slot;
  }

  /** What its first hosts are awaited of; empty when they are known. */
  get waitsFor(): string {
    return this.ready ? "" : this.#discovery.waitsFor;
  }

  get name(): string {
    return this.definition.config.name;
  }

  start(): void {
    this.#set("warming_state", 1);
    this.#discovery.start();
  }

  stop(): void {
    this.#discovery.stop();
  }

  /** Another definition that finds the same hosts (`hasSameHosts`). The statistics of the one before are given back. */
  redefine(definition: ClusterDefinition): void {
    const before = this.#definition;
    this.#definition = definition;
    before.stats.release(() => this.place.over);
    if (this.#versionText !== null) this.#setVersionText(this.#versionText);
    this.publishMembership();
  }

  onHosts(priority: number, hosts: readonly ResolvedHost[]): void {
    const change = this.hosts.update([{ priority, hosts }], this.#runtime.wallMs());
    for (const host of change?.added ?? []) this.#countTransportSocket(host);
    if (change !== null) this.#setMaxHostWeight();
    this.#onChange(change);
  }

  onAssignment(byPriority: readonly (readonly ResolvedHost[])[], policy: AssignmentPolicy): void {
    const change = this.hosts.assign(byPriority, policy, this.#runtime.wallMs());
    // Envoy makes hosts of all endpoints first, and then looks which of them it has.
    for (const hosts of byPriority) for (const host of hosts) this.#countTransportSocket(host);
    const rebuilt = change !== null && (change.hostSets.length > 0 || change.healthChanged);
    if (!rebuilt) this.#count("update_no_rebuild");
    this.#setLastHostWeight();
    this.#onChange(change);
  }

  onInitialized(): void {
    this.ready = true;
    this.#set("warming_state", 0);
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

  #onChange(change: HostChange | null): void {
    if (change === null) return;
    this.#count("membership_change", change.membershipChanges);
    this.publishMembership();
    if (this.ready) this.#events.onHostsChanged(this, change);
  }

  #ledsScope(): ScopeSlots {
    const { config, stats } = this.#definition;
    return stats.scope(`${config.scope.prefix}leds.`, LEDS_STATS);
  }

  #setVersionText(text: string): void {
    const { stats, config } = this.#definition;
    this.#versionText = text;
    stats.setTextReadout(`${config.scope.prefix}version_text`, text);
  }

  /** Every new host asks the transport socket matcher once. */
  #countTransportSocket({ metadata }: Pick<HostData, "metadata">): void {
    const { transportSockets } = this.definition.config;
    const match =
      transportSockets === null ? null : findTransportSocketMatch(transportSockets, metadata);
    if (match === null) this.#count("default.total_match_count");
    else this.#stats.slots[match.scope.base + MATCH_STATS.total_match_count]! += 1;
  }

  /** Envoy does this for STRICT_DNS and EDS alone, and without any host it is 1. */
  #setMaxHostWeight(): void {
    if (this.definition.discovery.type !== "STRICT_DNS") return;
    this.#set("max_host_weight", maxWeight(this.hosts.hostSets));
  }

  /** With EDS the last priority's is what remains, with hosts or without, as each overwrites that of the one before. */
  #setLastHostWeight(): void {
    this.#set("max_host_weight", maxWeight(this.hosts.hostSets.slice(-1)));
  }

  #count(name: keyof typeof CLUSTER_STATS.at, by = 1): void {
    this.#stats.slots[this.definition.config.scope.base + CLUSTER_STATS.at[name]]! += by;
  }

  #set(name: keyof typeof CLUSTER_STATS.at, value: number): void {
    this.#stats.slots[this.definition.config.scope.base + CLUSTER_STATS.at[name]] = value;
  }
}

function maxWeight(hostSets: readonly HostSetData[]): number {
  let max = 1;
  for (const { hosts } of hostSets) for (const { weight } of hosts) max = Math.max(max, weight);
  return max;
}
