import type { Host } from "./host.ts";
import { Availability } from "./host.ts";
import type { HostSetData } from "./model.ts";
import { isAvailable, isExcluded, isHealthy } from "./shared/host-memory.ts";

/** Hosts sorted by availability. */
export interface SortedHosts {
  readonly hosts: readonly Host[];
  readonly healthy: readonly Host[];
  readonly degraded: readonly Host[];
  /** Those that count for nothing in availability. */
  readonly excluded: readonly Host[];
}

/**
 * The hosts of one priority on one worker. Replaced as a whole by every change, so a load balancer may keep
 * its arrays.
 */
export interface HostSet extends SortedHosts {
  readonly priority: number;
  /** Percent. */
  readonly overprovisioningFactor: number;
  readonly weightedPriorityHealth: boolean;
  readonly localities: readonly HostSetLocality[];
}

/** The hosts of one locality of a host set. */
export interface HostSetLocality extends SortedHosts {
  /** 0: no load under locality weighted balancing. */
  readonly weight: number;
}

/** `hosts` are those of `data`, in its order. */
export function buildHostSet(data: HostSetData, hosts: readonly Host[], priority: number): HostSet {
  const byLocality: Host[][] = data.localities.map(() => []);
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

function sortHosts(hosts: readonly Host[]): SortedHosts {
  const healthy: Host[] = [];
  const degraded: Host[] = [];
  const excluded: Host[] = [];
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
