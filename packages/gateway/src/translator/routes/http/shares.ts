import type { IrFraction } from "../../../ir/route.ts";

/** Something with its share of the requests. */
export interface Share<T> {
  readonly value: T;
  /** Of all requests, those that are taken before included; none: all that are left. */
  readonly fraction?: IrFraction;
}

/**
 * Weights as fractions that are asked one after the other. Data planes draw one number for a request, whichever fraction
 * they compare it with: so each fraction has those before it in it, and all have the same denominator. What has no weight
 * is left out.
 */
export function shares<T>(
  weighted: readonly { readonly value: T; readonly weight: number }[],
): Share<T>[] {
  const used = weighted.filter(({ weight }) => weight > 0);
  const denominator = used.reduce((sum, { weight }) => sum + weight, 0);
  let numerator = 0;
  return used.map(({ value, weight }) => {
    numerator += weight;
    return numerator === denominator ? { value } : { value, fraction: { numerator, denominator } };
  });
}
