import { MAGLEV_LB_STATS, RING_HASH_LB_STATS } from "../../observe/stats/tables/hash-table.ts";
import { buildHostSet, type HostSet, type WeighedHost } from "../host-set.ts";
import { Availability } from "../host.ts";
import type { KeyedHost } from "../load-balancing/host-key.ts";
import { maglevHosts, MaglevTurns } from "../load-balancing/maglev-turns.ts";
import { normalizeHosts, type NormalizedHosts } from "../load-balancing/normalized-hosts.ts";
import { computePriorityLoad } from "../load-balancing/priority-load.ts";
import { ringShape } from "../load-balancing/ring-shape.ts";
import type { HostSetData, LoadBalancerConfig, MaglevConfig, RingHashConfig } from "../model.ts";

/**
 * Writes the gauges of a cluster's rings or Maglev tables: their sizes follow from the weights, without a hash, so main
 * knows them before a worker builds any. As in Envoy each priority with hosts overwrites those of the one before.
 */
export function publishHashTables(
  config: LoadBalancerConfig,
  hostSets: readonly HostSetData[],
  healthFlags: (slot: number) => number,
  slots: Float64Array,
): void {
  if (config.algorithm !== "ring_hash" && config.algorithm !== "maglev") return;
  const sorted = hostSets.map((data, priority) => sortedOf(data, priority, healthFlags));
  const { panic } = computePriorityLoad(sorted, config.healthyPanicThresholdPercent);
  for (const [priority, hostSet] of sorted.entries()) {
    const hosts = normalizeHosts(hostSet, panic[priority]!, config.localityWeighted);
    if (hosts.hosts.length === 0) continue;
    if (config.algorithm === "ring_hash") publishRing(config, hosts, slots);
    else publishMaglev(config, hosts, slots);
  }
}

function sortedOf(
  data: HostSetData,
  priority: number,
  healthFlags: (slot: number) => number,
): HostSet<WeighedHost & KeyedHost> {
  const hosts = data.hosts.map(({ slot, weight, address, hostname, metadata }) => ({
    weight,
    address,
    hostname,
    metadata,
    healthFlags: healthFlags(slot),
    availability: Availability.Healthy,
  }));
  return buildHostSet(data, hosts, priority);
}

function publishRing(
  config: RingHashConfig,
  { shares, minShare }: NormalizedHosts<WeighedHost>,
  slots: Float64Array,
): void {
  const { nominalSize, points } = ringShape(shares, minShare, config);
  const { base } = config.tableScope;
  slots[base + RING_HASH_LB_STATS.at.size] = nominalSize;
  slots[base + RING_HASH_LB_STATS.at.min_hashes_per_host] = points.reduce((a, b) => Math.min(a, b));
  slots[base + RING_HASH_LB_STATS.at.max_hashes_per_host] = points.reduce((a, b) => Math.max(a, b));
}

function publishMaglev(
  config: MaglevConfig,
  hosts: NormalizedHosts<WeighedHost & KeyedHost>,
  slots: Float64Array,
): void {
  const { tableScope } = config;
  const [min, max] = entriesPerHost(config, hosts);
  slots[tableScope.base + MAGLEV_LB_STATS.at.min_entries_per_host] = min;
  slots[tableScope.base + MAGLEV_LB_STATS.at.max_entries_per_host] = max;
}

function entriesPerHost(
  config: MaglevConfig,
  hosts: NormalizedHosts<WeighedHost & KeyedHost>,
): readonly [min: number, max: number] {
  const { tableSize } = config;
  const { minShare, maxShare } = hosts;
  const count = hosts.hosts.length;
  // Envoy makes no table for a host that is alone.
  if (count === 1) return [1, 1];
  if (minShare === maxShare) return [Math.floor(tableSize / count), Math.ceil(tableSize / count)];
  const shares = maglevHosts(config, hosts).map(({ share }) => share);
  const entries = new Uint32Array(count);
  const turns = new MaglevTurns(shares, maxShare);
  for (let taken = 0; taken < tableSize;) {
    const host = turns.next();
    if (host < 0) continue;
    entries[host]! += 1;
    taken++;
  }
  let [min, max] = [tableSize, 0];
  for (const each of entries) {
    min = Math.min(min, each);
    max = Math.max(max, each);
  }
  return [min, max];
}
