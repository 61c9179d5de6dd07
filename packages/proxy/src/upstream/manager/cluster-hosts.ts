import { isDeepStrictEqual } from "node:util";
import { compareText } from "../../base/compare-text.ts";
import type { LoadAssignment } from "../definition.ts";
import type { ResolvedHost } from "../discovery/discovery.ts";
import type { HostData, HostSetData, Locality, LocalityData } from "../model.ts";
import { isDegraded, isExcluded, isHealthy } from "../shared/host-memory.ts";

/** What became of a priority's hosts. */
export interface HostChange {
  readonly hostSet: HostSetData;
  readonly added: readonly HostData[];
  /** Slots that no host of the cluster has any more. */
  readonly removedSlots: readonly number[];
}

/** What hosts need of the shared memory. */
export interface HostSlots {
  /** Null when there is no place left. */
  allocate(healthFlags: number): number | null;
  healthFlags(slot: number): number;
}

interface KnownHost {
  readonly slot: number;
  readonly addedMs: number;
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

/** The hosts of one cluster on main: remembers who is who, so that a host keeps its slot while it stays. */
export class ClusterHosts {
  readonly #loadAssignment: LoadAssignment;
  readonly #ownLocality: Locality;
  readonly #slots: HostSlots;
  readonly #known = new Map<string, KnownHost>();
  readonly hostSets: HostSetData[] = [];

  /** `ownLocality` is the proxy's: its hosts come first. */
  constructor(loadAssignment: LoadAssignment, ownLocality: Locality, slots: HostSlots) {
    this.#loadAssignment = loadAssignment;
    this.#ownLocality = ownLocality;
    this.#slots = slots;
    this.hostSets.push(this.#hostSet([], []));
  }

  /** Null when nothing changed. Hosts for which there is no slot are left out. */
  update(priority: number, resolved: readonly ResolvedHost[], nowMs: number): HostChange | null {
    for (let i = this.hostSets.length; i <= priority; i++)
      this.hostSets.push(this.#hostSet([], []));
    const localities = sortLocalities(resolved, this.#ownLocality);
    const keys = localities.map(keyOf);
    const hosts: HostData[] = [];
    const present = new Set<string>();
    const added: HostData[] = [];
    for (const host of resolved) {
      let known = this.#known.get(host.id) ?? null;
      let isNew = false;
      if (known === null) {
        known = this.#add(host, priority, nowMs);
        if (known === null) continue;
        isNew = true;
      }
      known.priority = priority;
      present.add(host.id);
      const { address, hostname, weight, metadata } = host;
      const locality = keys.indexOf(keyOf(host.locality));
      const { slot, addedMs } = known;
      const data = { slot, address, hostname, weight, metadata, locality, addedMs };
      hosts.push(data);
      if (isNew) added.push(data);
    }
    const removedSlots = this.#removeMissing(priority, present);
    const hostSet = this.#hostSet(localities, hosts);
    if (removedSlots.length === 0 && isDeepStrictEqual(hostSet, this.hostSets[priority]))
      return null;
    this.hostSets[priority] = hostSet;
    return { hostSet, added, removedSlots };
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

  /** Every slot the cluster holds. */
  get slots(): number[] {
    return [...this.#known.values()].map(({ slot }) => slot);
  }

  #add(host: ResolvedHost, priority: number, nowMs: number): KnownHost | null {
    const slot = this.#slots.allocate(host.healthFlags);
    if (slot === null) return null;
    const known = { slot, addedMs: nowMs, priority };
    this.#known.set(host.id, known);
    return known;
  }

  #removeMissing(priority: number, present: ReadonlySet<string>): number[] {
    const slots: number[] = [];
    for (const [id, known] of this.#known) {
      if (known.priority !== priority || present.has(id)) continue;
      this.#known.delete(id);
      slots.push(known.slot);
    }
    return slots;
  }

  #hostSet(localities: readonly LocalityData[], hosts: readonly HostData[]): HostSetData {
    const { overprovisioningFactor, weightedPriorityHealth } = this.#loadAssignment;
    return { overprovisioningFactor, weightedPriorityHealth, localities, hosts };
  }
}

/** The proxy's own locality first, then by region, zone, sub zone; a later weight replaces an earlier one. */
function sortLocalities(hosts: readonly ResolvedHost[], own: Locality): LocalityData[] {
  const byKey = new Map<string, LocalityData>();
  for (const { locality, localityWeight } of hosts) {
    const { region, zone, subZone } = locality;
    byKey.set(keyOf(locality), { region, zone, subZone, weight: localityWeight });
  }
  const ownKey = keyOf(own);
  return [...byKey.values()].toSorted(
    (a, b) =>
      Number(keyOf(b) === ownKey) - Number(keyOf(a) === ownKey) ||
      compareText(a.region, b.region) ||
      compareText(a.zone, b.zone) ||
      compareText(a.subZone, b.subZone),
  );
}

function keyOf({ region, zone, subZone }: Locality): string {
  return JSON.stringify([region, zone, subZone]);
}
