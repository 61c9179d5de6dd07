import type { Facets } from "./observation.ts";

/** One facet in which two proxies differ; null where one has no such thing. */
export interface Difference {
  readonly at: string;
  readonly left: string | null;
  readonly right: string | null;
}

/** All differences, in the order of the left side's facets. */
export function compare(left: Facets, right: Facets): Difference[] {
  const differences: Difference[] = [];
  for (const [at, value] of left) {
    const other = right.get(at) ?? null;
    if (value !== other && !bothTimes(at, value, other))
      differences.push({ at, left: value, right: other });
  }
  for (const [at, value] of right) {
    if (!left.has(at)) differences.push({ at, left: null, right: value });
  }
  return differences;
}

/** Milliseconds that the router measured: only that there are some is compared. */
function bothTimes(at: string, left: string, right: string | null): boolean {
  return (
    at.toLowerCase().endsWith(".header.x-envoy-upstream-service-time") &&
    /^"\d+"$/.test(left) &&
    /^"\d+"$/.test(right ?? "")
  );
}
