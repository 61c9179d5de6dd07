import type { IrFraction } from "../../../ir/route.ts";

/** Something with its share of the requests. */
export interface Share<T> {
  readonly value: T;
  /** Of the requests that come this far; none: all. */
  readonly fraction?: IrFraction;
}

/**
 * Weights as fractions that are asked one after the other: the first of all requests, the next of those that are left.
 * The last one takes all, so each gets exactly its weight of the sum. What has no weight is left out.
 */
export function shares<T>(
  weighted: readonly { readonly value: T; readonly weight: number }[],
): Share<T>[] {
  const used = weighted.filter(({ weight }) => weight > 0);
  let rest = used.reduce((sum, { weight }) => sum + weight, 0);
  return used.map(({ value, weight }) => {
    const fraction = { numerator: weight, denominator: rest };
    rest -= weight;
    return rest === 0 ? { value } : { value, fraction };
  });
}
