import type { HostSetLocality } from "../host-set.ts";
import type { Host } from "../host.ts";
import { EdfScheduler } from "./edf-scheduler.ts";

interface LocalityShare {
  readonly index: number;
  readonly weight: number;
}

/**
 * Schedules localities by their weight times min(1, overprovisioning × available share): a locality that lost
 * hosts gives up load only beyond the overprovisioning factor. Null when no locality would get any.
 */
export function scheduleLocalities(
  localities: readonly HostSetLocality[],
  eligible: (locality: HostSetLocality) => readonly Host[],
  overprovisioningFactor: number,
  picks: number,
): EdfScheduler<LocalityShare> | null {
  const shares: LocalityShare[] = [];
  localities.forEach((locality, index) => {
    const count = locality.hosts.length - locality.excluded.length;
    if (count <= 0) return;
    const ratio = (overprovisioningFactor / 100) * (eligible(locality).length / count);
    const weight = locality.weight * Math.min(1, ratio);
    if (weight > 0) shares.push({ index, weight });
  });
  return shares.length === 0 ? null : new EdfScheduler(shares, ({ weight }) => weight, picks);
}

export type LocalityScheduler = EdfScheduler<LocalityShare>;
