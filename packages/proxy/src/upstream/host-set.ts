import type { Host } from "./host.ts";
import { Availability } from "./host.ts";
import type { HostSetData } from "./model.ts";
import { isAvailable, isExcluded, isHealthy } from "./shared/host-memory.ts";

/** What of a host is looked at where hosts are sorted and weighed. */
export interface WeighedHost {
  readonly weight: number;
  readonly healthFlags: number;
  availability: Availability;
}

/** Hosts sorted by availability. Main has hosts of its own kind, without connections. */
export interface SortedHosts<H = Host> {
  readonly hosts: readonly H[];
  readonly healthy: readonly H[];
  readonly degraded: readonly H[];
  /** Those that count for nothing in availability. */
  readonly excluded: readonly H[];
}

/**
 * The hosts of one priority on one worker. Replaced as a whole by every change, so a load balancer may keep
 * its arrays.
 */
export interface HostSet<H = Host> extends SortedHosts<H> {
  readonly priority: number;
  /** Percent. */
  readonly overprovisioningFactor: number;
  readonly weightedPriorityHealth: boolean;
  readonly localities: readonly HostSetLocality<H>[];
}

/** The hosts of one locality of a host set. */
export interface HostSetLocality<H = Host> extends SortedHosts<H> {
  /** 0: no load under locality weighted balancing. */
  readonly weight: number;
}

/** `hosts` are those of `data`, in its order. */
export function buildHostSet<H extends WeighedHost>(
  data: HostSetData,
  hosts: readonly H[],
  priority: number,
): HostSet<H> {
  const byLocality: H[][] = data.localities.map(() => []);
  data.hosts.forEach((host, i) => byLocality[host.locality]!.push(hosts[i]!));
  return {
    priority,
    overprovisioningFactor: data.overprovisioningFactor,
    weightedPriorityHealth: data.weightedPriorityHealth,
    ...sortHosts(hosts),
    localities: data.localities.map(({ weight }, i) => ({ weight, ...sortHosts(byLocality[i]!) })),
  };
}

/** The same hosts, sorted by the health flags of this instant. */
export function resortHostSet(before: HostSet): HostSet {
  return {
    ...before,
    ...sortHosts(before.hosts),
    localities: before.localities.map((locality) => ({
      ...locality,
      ...sortHosts(locality.hosts),
    })),
  };
}

function sortHosts<H extends WeighedHost>(hosts: readonly H[]): SortedHosts<H> {
  const healthy: H[] = [];
  const degraded: H[] = [];
  const excluded: H[] = [];
  for (const host of hosts) {
    const flags = host.healthFlags;
    if (isExcluded(flags)) excluded.push(host);
    if (isHealthy(flags)) {
      host.availability = Availability.Healthy;
      healthy.push(host);
    } else if (isAvailable(flags)) {
      host.availability = Availability.Degraded;
      degraded.push(host);
    } else {
      host.availability = Availability.Unhealthy;
    }
  }
  return { hosts, healthy, degraded, excluded };
}
