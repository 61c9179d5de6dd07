import type { HostSet } from "../host-set.ts";
import type { Host } from "../host.ts";

/** The hosts that share a table of hashes, each with its share of the whole; the shares sum up to 1. */
export interface NormalizedHosts<H = Host> {
  readonly hosts: readonly H[];
  /** By index of the host; above 0. */
  readonly shares: readonly number[];
  readonly minShare: number;
  readonly maxShare: number;
}

/**
 * Who takes part in consistent hashing over a host set: healthy hosts, in a panic all. Degraded ones never do, as in
 * Envoy. Weights of localities count as they are, however many of their hosts are left.
 */
export function normalizeHosts<H extends { readonly weight: number }>(
  hostSet: HostSet<H>,
  panic: boolean,
  localityWeighted: boolean,
): NormalizedHosts<H> {
  const part = panic ? "hosts" : "healthy";
  const hosts: H[] = [];
  const shares: number[] = [];
  if (!localityWeighted || hostSet.localities.length === 0) {
    addShares(hostSet[part], 1, hosts, shares);
  } else {
    const sum = hostSet.localities.reduce((total, { weight }) => total + weight, 0);
    for (const locality of hostSet.localities)
      if (locality.weight > 0) addShares(locality[part], locality.weight / sum, hosts, shares);
  }
  let minShare = 1;
  let maxShare = 0;
  for (const share of shares) {
    minShare = Math.min(minShare, share);
    maxShare = Math.max(maxShare, share);
  }
  return { hosts, shares, minShare, maxShare };
}

/** Divides `share` among hosts by their weights. */
function addShares<H extends { readonly weight: number }>(
  from: readonly H[],
  share: number,
  hosts: H[],
  shares: number[],
): void {
  let sum = 0;
  for (const host of from) sum += host.weight;
  for (const host of from) {
    hosts.push(host);
    shares.push((host.weight * share) / sum);
  }
}
