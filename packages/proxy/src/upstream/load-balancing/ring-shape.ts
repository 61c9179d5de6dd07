/** How many points each host has on a ring. */
export interface RingShape {
  readonly size: number;
  /** The size that was aimed at, which is what Envoy shows: a locality without hosts leaves its share empty. */
  readonly nominalSize: number;
  /** By index of the host. */
  readonly points: readonly number[];
}

/**
 * Envoy's sizes: the ring grows until the host with the least share has a whole number of points, unless that is above the
 * largest size. Rounding goes along the hosts, so that the sum is right.
 */
export function ringShape(
  shares: readonly number[],
  minShare: number,
  { minimumSize, maximumSize }: { readonly minimumSize: number; readonly maximumSize: number },
): RingShape {
  const scale = Math.min(Math.ceil(minShare * minimumSize) / minShare, maximumSize);
  let size = 0;
  let target = 0;
  const points = shares.map((share) => {
    target += scale * share;
    const count = Math.max(0, Math.ceil(target) - size);
    size += count;
    return count;
  });
  return { size, nominalSize: Math.ceil(scale), points };
}
