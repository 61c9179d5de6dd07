import { isDeepStrictEqual } from "node:util";
import type { AssignmentPolicy } from "../definition.ts";
import type { ResolvedHost } from "../discovery/discovery.ts";
import type { HostData, HostSetData, Locality, PriorityHosts } from "../model.ts";
import { CONFIGURED_STATUS } from "../shared/health-status.ts";
import { HealthFlag, isDegraded, isExcluded, isHealthy } from "../shared/host-memory.ts";
import type { HostCounter } from "../shared/host-memory.ts";
import { indexOfLocality, isSameLocality, sortLocalities } from "./localities.ts";

/** What became of a cluster's hosts. */
export interface HostChange {
  /** Those that are different; perhaps none. */
  readonly hostSets: readonly PriorityHosts[];
  readonly added: readonly HostData[];
  /** How many priorities got or lost hosts. */
  readonly membershipChanges: number;
  /** Slots that no host of the cluster has any more. */
  readonly removedSlots: readonly number[];
  /** Flags of hosts that were there before. */
  readonly healthChanged: boolean;
  /** Another share of requests is refused. */
  readonly ratioChanged: boolean;
}

/** What hosts need of the shared memory. */
export interface HostSlots {
  /** Null when there is no place left. */
  allocate(healthFlags: number): number | null;
  healthFlags(slot: number): number;
  setHealthFlags(slot: number, flags: number): void;
  /** Counts for main itself. */
  count(slot: number, counter: HostCounter, by: number): void;
}

interface KnownHost {
  slot: number;
  addedMs: number;
  addressText: string;
  locality: Locality;
  /** It moves when the host does. */
  priority: number;
}

/** Numbers for `membership_…`. */
export interface Membership {
  readonly total: number;
  readonly healthy: number;
  readonly degraded: number;
  readonly excluded: number;
}

/** The flags that configuration sets; checks set the others. */
const CONFIGURED_HEALTH =
  HealthFlag.FailedEdsHealth |
  HealthFlag.DegradedEdsHealth |
  HealthFlag.EdsStatusDraining |
  CONFIGURED_STATUS;

/** The hosts of one cluster on main: remembers who is who, so that a host keeps its slot while it stays. */
export class ClusterHosts {
  readonly #ownLocality: Locality;
  readonly #slots: HostSlots;
  readonly #known = new Map<string, KnownHost>();
  #policy: AssignmentPolicy;
  readonly hostSets: HostSetData[] = [];

  /** `ownLocality` is the proxy's: its hosts come first. */
  constructor(policy: AssignmentPolicy, ownLocality: Locality, slots: HostSlots) {
    this.#policy = policy;
    this.#ownLocality = ownLocality;
    this.#slots = slots;
    this.hostSets.push(this.#hostSet([], []));
  }

  get dropOverloadRatio(): number {
    return this.#policy.dropOverloadRatio;
  }

  get dropCategory(): string {
    return this.#policy.dropCategory ?? "";
  }

  /** All hosts of all priorities, and what they are used by. Null when nothing changed. */
  assign(
    byPriority: readonly (readonly ResolvedHost[])[],
    policy: AssignmentPolicy,
    nowMs: number,
  ): HostChange | null {
    const ratioChanged = policy.dropOverloadRatio !== this.#policy.dropOverloadRatio;
    this.#policy = policy;
    const priorities = Math.max(1, byPriority.length, this.hostSets.length);
    const changes = Array.from({ length: priorities }, (_, priority) => ({
      priority,
      hosts: byPriority[priority] ?? [],
    }));
    const change = this.update(changes, nowMs);
    return ratioChanged ? { ...(change ?? NO_CHANGE), ratioChanged } : change;
  }

  /** Null when nothing changed. Hosts for which there is no slot are left out. */
  update(
    changes: readonly { readonly priority: number; readonly hosts: readonly ResolvedHost[] }[],
    nowMs: number,
  ): HostChange | null {
    const told = new Update(nowMs);
    for (const { priority, hosts } of changes) {
      for (let i = this.hostSets.length; i <= priority; i++)
        this.hostSets.push(this.#hostSet([], []));
      this.#updatePriority(priority, hosts, told);
    }
    const removedSlots = this.#removeMissing(told);
    if (removedSlots.length === 0 && told.hostSets.length === 0 && !told.healthChanged) return null;
    const { hostSets, added, moved, healthChanged } = told;
    const membershipChanges = moved.size;
    return { ...NO_CHANGE, hostSets, added, membershipChanges, removedSlots, healthChanged };
  }

  /**
   * Takes the places of hosts that `before` has as well, so that they stay the same to the workers: same host, or same
   * address. Returns the slots that are left: those of this cluster, which no worker knows, and those of `before`.
   */
  adopt(before: ClusterHosts): { readonly unused: number[]; readonly left: number[] } {
    const theirs = new Map(before.#known);
    const byAddress = Map.groupBy(before.#known, ([, { addressText }]) => addressText);
    /** The places by slots of this cluster's own, which are given up. */
    const places = new Map<number, KnownHost>();
    const adopted = new Set<KnownHost>();
    const take = (known: KnownHost, id: string): void => {
      const place = theirs.get(id)!;
      theirs.delete(id);
      adopted.add(known);
      places.set(known.slot, place);
      this.#setConfiguredHealth(place.slot, this.#slots.healthFlags(known.slot));
      known.slot = place.slot;
      known.addedMs = place.addedMs;
    };
    for (const [id, known] of this.#known) {
      if (theirs.has(id)) take(known, id);
    }
    for (const known of this.#known.values()) {
      if (adopted.has(known)) continue;
      const id = byAddress.get(known.addressText)?.find(([each]) => theirs.has(each))?.[0];
      if (id !== undefined) take(known, id);
    }
    this.#renumber(places);
    // Host sets never become fewer.
    for (let i = this.hostSets.length; i < before.hostSets.length; i++)
      this.hostSets.push(this.#hostSet([], []));
    return { unused: [...places.keys()], left: Array.from(theirs.values(), ({ slot }) => slot) };
  }

  get membership(): Membership {
    let [total, healthy, degraded, excluded] = [0, 0, 0, 0];
    for (const { hosts } of this.hostSets) {
      for (const { slot } of hosts) {
        const flags = this.#slots.healthFlags(slot);
        total++;
        if (isHealthy(flags)) healthy++;
        if (isDegraded(flags)) degraded++;
        if (isExcluded(flags)) excluded++;
      }
    }
    return { total, healthy, degraded, excluded };
  }

  healthFlags(slot: number): number {
    return this.#slots.healthFlags(slot);
  }

  /** Counts for main itself, which connects to control planes. */
  count(slot: number, counter: HostCounter, by: number): void {
    this.#slots.count(slot, counter, by);
  }

  /** Every slot the cluster holds. */
  get slots(): number[] {
    return [...this.#known.values()].map(({ slot }) => slot);
  }

  #updatePriority(priority: number, resolved: readonly ResolvedHost[], told: Update): void {
    told.priorities.add(priority);
    const localities = sortLocalities(resolved, this.#ownLocality);
    const localityOf = indexOfLocality(localities);
    const hosts: HostData[] = [];
    for (const host of resolved) {
      const known = this.#known.get(host.id) ?? this.#add(host, priority, told);
      if (known === null) continue;
      told.present.add(host.id);
      if (known.priority !== priority) {
        told.moved.add(known.priority).add(priority);
        known.priority = priority;
      }
      // Elsewhere, it is another host to Envoy. Here it keeps its connections, and counts as one that came and went.
      if (!isSameLocality(known.locality, host.locality)) told.moved.add(priority);
      known.locality = host.locality;
      known.addressText = host.address.text;
      if (this.#setConfiguredHealth(known.slot, host.healthFlags)) told.healthChanged = true;
      const { address, hostname, weight, metadata } = host;
      const locality = localityOf(host.locality);
      const { slot, addedMs } = known;
      const data = { slot, address, hostname, weight, metadata, locality, addedMs };
      hosts.push(data);
      if (told.addedIds.delete(host.id)) told.added.push(data);
    }
    const hostSet = this.#hostSet(localities, hosts);
    if (isDeepStrictEqual(hostSet, this.hostSets[priority])) return;
    this.hostSets[priority] = hostSet;
    told.hostSets.push({ priority, hostSet });
  }

  #add(host: ResolvedHost, priority: number, told: Update): KnownHost | null {
    const slot = this.#slots.allocate(host.healthFlags);
    if (slot === null) return null;
    const { address, locality } = host;
    const known = { slot, addedMs: told.nowMs, addressText: address.text, locality, priority };
    this.#known.set(host.id, known);
    told.addedIds.add(host.id);
    told.moved.add(priority);
    return known;
  }

  #removeMissing({ priorities, present, moved }: Update): number[] {
    const slots: number[] = [];
    for (const [id, known] of this.#known) {
      if (!priorities.has(known.priority) || present.has(id)) continue;
      this.#known.delete(id);
      slots.push(known.slot);
      moved.add(known.priority);
    }
    return slots;
  }

  /** Whether that made a difference. */
  #setConfiguredHealth(slot: number, flags: number): boolean {
    const before = this.#slots.healthFlags(slot);
    const after = (before & ~CONFIGURED_HEALTH) | (flags & CONFIGURED_HEALTH);
    if (after === before) return false;
    this.#slots.setHealthFlags(slot, after);
    return true;
  }

  #renumber(places: ReadonlyMap<number, KnownHost>): void {
    for (const [priority, hostSet] of this.hostSets.entries()) {
      const hosts = hostSet.hosts.map((host) => {
        const place = places.get(host.slot);
        return place === undefined ? host : { ...host, slot: place.slot, addedMs: place.addedMs };
      });
      this.hostSets[priority] = { ...hostSet, hosts };
    }
  }

  #hostSet(localities: HostSetData["localities"], hosts: readonly HostData[]): HostSetData {
    const { overprovisioningFactor, weightedPriorityHealth } = this.#policy;
    return { overprovisioningFactor, weightedPriorityHealth, localities, hosts };
  }
}

/** One update while it is taken in. */
class Update {
  readonly nowMs: number;
  /** All that it speaks of. */
  readonly priorities = new Set<number>();
  readonly present = new Set<string>();
  readonly addedIds = new Set<string>();
  readonly added: HostData[] = [];
  /** Priorities that hosts came to or left. */
  readonly moved = new Set<number>();
  readonly hostSets: PriorityHosts[] = [];
  healthChanged = false;

  constructor(nowMs: number) {
    this.nowMs = nowMs;
  }
}

const NO_CHANGE: HostChange = {
  hostSets: [],
  added: [],
  membershipChanges: 0,
  removedSlots: [],
  healthChanged: false,
  ratioChanged: false,
};
