import type { Runtime } from "../../runtime/snapshot.ts";
import type { HostSet as AnyHostSet } from "../host-set.ts";
import type { LoadBalancerConfig } from "../model.ts";

type HostSet = AnyHostSet<{ readonly weight: number }>;

/**
 * How the load spreads over priorities, in whole percents that add up to 100 whenever there is any host to use.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/intro/arch_overview/upstream/load_balancing/priority
 */
export interface PriorityLoad {
  /** Percent for each priority's healthy hosts. */
  readonly healthy: readonly number[];
  /** Percent for each priority's degraded hosts. */
  readonly degraded: readonly number[];
  /** Priorities with so few available hosts that all of theirs are used. */
  readonly panic: readonly boolean[];
}

/**
 * The priority that takes a draw from 1 to 100: a number of its own for its healthy hosts, -1 - priority for its degraded
 * ones; 0 where none takes it.
 */
export function priorityOfDraw({ healthy, degraded }: PriorityLoad, draw: number): number {
  let sum = 0;
  for (let i = 0; i < healthy.length; i++) {
    sum += healthy[i]!;
    if (draw <= sum) return i;
  }
  for (let i = 0; i < degraded.length; i++) {
    sum += degraded[i]!;
    if (draw <= sum) return -1 - i;
  }
  return 0;
}

/** By priority, in percent. */
interface Availability {
  readonly healthy: number[];
  readonly degraded: number[];
  /** The sum of both over all priorities, at most 100. */
  readonly total: number;
}

/** The share of available hosts, 0 to 100, below which all are used: of all clusters where the runtime says so. */
export function panicThresholdPercent(config: LoadBalancerConfig, runtime: Runtime): number {
  const { healthyPanicThresholdPercent: configured } = config;
  return Math.min(100, runtime.integer("upstream.healthy_panic_threshold", configured));
}

/** All arithmetic is on whole numbers, rounded down where Envoy's is, so that the shares come out the same. */
export function computePriorityLoad(
  hostSets: readonly HostSet[],
  thresholdPercent: number,
): PriorityLoad {
  const availability = availabilityOf(hostSets);
  const noPanic = hostSets.map(() => false);
  if (thresholdPercent === 0 && availability.total === 0) {
    // Nothing will be found there, but a pick has to look somewhere.
    return { ...allOn(hostSets, 0), panic: noPanic };
  }
  const panic =
    availability.total === 100
      ? noPanic
      : hostSets.map((hostSet) => isInPanic(hostSet, thresholdPercent));
  if (panic.every(Boolean)) return { ...loadInTotalPanic(hostSets), panic };
  // A tiny overprovisioning factor can round every share down to nothing.
  if (availability.total === 0) return { ...allOn(hostSets, 0), panic };
  return { ...loadByAvailability(availability), panic };
}

/** How much of each priority can be used. */
export function availabilityOf(hostSets: readonly HostSet[]): Availability {
  const healthy: number[] = [];
  const degraded: number[] = [];
  let sum = 0;
  for (const hostSet of hostSets) {
    const total = sizeOf(hostSet, hostSet.hosts) - sizeOf(hostSet, hostSet.excluded);
    const share = (part: number): number =>
      total > 0 ? Math.min(100, Math.floor((hostSet.overprovisioningFactor * part) / total)) : 0;
    healthy.push(share(sizeOf(hostSet, hostSet.healthy)));
    degraded.push(share(sizeOf(hostSet, hostSet.degraded)));
    sum += healthy.at(-1)! + degraded.at(-1)!;
  }
  return { healthy, degraded, total: Math.min(100, sum) };
}

function sizeOf(hostSet: HostSet, hosts: HostSet["hosts"]): number {
  if (!hostSet.weightedPriorityHealth) return hosts.length;
  return hosts.reduce((sum, host) => sum + host.weight, 0);
}

/** Healthy hosts first, priority by priority; what they leave goes to degraded ones in the same way. */
function loadByAvailability(availability: Availability): Omit<PriorityLoad, "panic"> {
  const [healthy, leftByHealthy] = distribute(availability.healthy, 100, availability.total);
  const [degraded, left] = distribute(availability.degraded, leftByHealthy, availability.total);
  // Rounding leaves a few percent over.
  const firstHealthy = availability.healthy.findIndex((percent) => percent > 0);
  if (firstHealthy >= 0) healthy[firstHealthy]! += left;
  else degraded[availability.degraded.findIndex((percent) => percent > 0)]! += left;
  return { healthy, degraded };
}

function distribute(
  availability: readonly number[],
  load: number,
  total: number,
): [number[], number] {
  let left = load;
  const shares = availability.map((percent) => {
    const share = Math.min(left, Math.floor((percent * 100) / total));
    left -= share;
    return share;
  });
  return [shares, left];
}

function isInPanic(hostSet: HostSet, thresholdPercent: number): boolean {
  const count = hostSet.hosts.length - hostSet.excluded.length;
  const available = hostSet.healthy.length + hostSet.degraded.length;
  return (count === 0 ? 0 : (100 * available) / count) < thresholdPercent;
}

/** With every priority in panic, each gets load by its number of hosts, healthy or not. */
function loadInTotalPanic(hostSets: readonly HostSet[]): Omit<PriorityLoad, "panic"> {
  const total = hostSets.reduce((sum, { hosts }) => sum + hosts.length, 0);
  if (total === 0) return allOn(hostSets, 0);
  const healthy = hostSets.map(({ hosts }) => Math.floor((100 * hosts.length) / total));
  const left = 100 - healthy.reduce((sum, share) => sum + share, 0);
  healthy[hostSets.findIndex(({ hosts }) => hosts.length > 0)]! += left;
  return { healthy, degraded: hostSets.map(() => 0) };
}

function allOn(hostSets: readonly HostSet[], priority: number): Omit<PriorityLoad, "panic"> {
  return {
    healthy: hostSets.map((_, i) => (i === priority ? 100 : 0)),
    degraded: hostSets.map(() => 0),
  };
}
