import { compareText } from "../../base/compare-text.ts";
import type { ResolvedHost } from "../discovery/discovery.ts";
import type { Locality, LocalityData } from "../model.ts";

/** The proxy's own locality first, then by region, zone, sub zone; a later weight replaces an earlier one. */
export function sortLocalities(hosts: readonly ResolvedHost[], own: Locality): LocalityData[] {
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

/** Tells the place of a locality among these, where it is. */
export function indexOfLocality(localities: readonly Locality[]): (locality: Locality) => number {
  const places = new Map(localities.map((locality, i) => [keyOf(locality), i]));
  return (locality) => places.get(keyOf(locality))!;
}

function keyOf({ region, zone, subZone }: Locality): string {
  return JSON.stringify([region, zone, subZone]);
}

/** Whether they are one place. */
export function isSameLocality(a: Locality, b: Locality): boolean {
  return a.region === b.region && a.zone === b.zone && a.subZone === b.subZone;
}
