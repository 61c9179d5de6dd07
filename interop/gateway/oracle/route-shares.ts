import { actionText, type ActionParts } from "./actions.ts";
import type { PlainRoute } from "./routing.ts";

/** A share of the requests of a route, and what is done with them. */
export interface RouteShare {
  readonly weight: number;
  readonly parts: ActionParts;
}

/** What a route does, each backend by itself, with its part of all requests, which are 1. */
export function sharesOfRoute({ shares, parts }: PlainRoute): RouteShare[] {
  const all = shares ?? (parts === undefined ? [] : [{ weight: 1, parts }]);
  const backends = all.flatMap(byBackend);
  const sum = backends.reduce((total, { weight }) => total + weight, 0);
  return backends.map((one) => ({ ...one, weight: one.weight / sum }));
}

function byBackend({ weight, parts }: RouteShare): RouteShare[] {
  const { backends = [], redirect, status, ...rest } = parts;
  const sum = backends.reduce((total, one) => total + one.weight, 0);
  if (redirect !== undefined || status !== undefined || sum === 0) return [{ weight, parts }];
  return backends
    .filter((one) => one.weight > 0)
    .map((one) => ({
      weight: (weight * one.weight) / sum,
      parts: { ...rest, backends: [{ ...one, weight: 1 }] },
    }));
}

/** The same as a text, whoever has a route of its own. */
export function splitText(route: PlainRoute): string {
  return percentages(sharesOfRoute(route), ({ parts }) => actionText(parts));
}

/** How much of all each action of a route gets. */
export function actionSums(route: PlainRoute): Map<string, number> {
  return sumsOf(sharesOfRoute(route), ({ parts }) => actionText(parts));
}

function sumsOf(
  shares: readonly RouteShare[],
  textOf: (share: RouteShare) => string,
): Map<string, number> {
  const sums = new Map<string, number>();
  for (const share of shares) {
    const text = textOf(share);
    sums.set(text, (sums.get(text) ?? 0) + share.weight);
  }
  return sums;
}

/** How much of all there is of each kind of share. */
export function percentages(
  shares: readonly RouteShare[],
  textOf: (share: RouteShare) => string,
): string {
  return Array.from(
    sumsOf(shares, textOf),
    ([text, weight]) => `${(100 * weight).toFixed(2)}% ${text}`,
  )
    .toSorted()
    .join(" | ");
}
