import { statusFacts } from "@nuncio/gateway/testing/status-facts";
import type { Difference } from "../../diff/compare.ts";
import { compareConnections } from "./compare-connections.ts";
import { requestsFor, requestText } from "./requests.ts";
import { firstRoute, type Domains, type PlainRoute, type RoutedRequest } from "./routing.ts";
import type { Translation } from "./translation.ts";

/** What two translations of the same objects differ in; `left` is the original's. */
export function compareTranslations(theirs: Translation, ours: Translation): Difference[] {
  return [
    ...compareStatuses(theirs, ours),
    ...compareRouting(theirs, ours),
    ...compareConnections(theirs.connections, ours.connections),
  ];
}

function compareStatuses(theirs: Translation, ours: Translation): Difference[] {
  return [...theirs.statuses].flatMap(([object, status]) => {
    const own = ours.statuses.get(object) ?? {};
    const left = factsByPlace(statusFacts(status, status));
    const right = factsByPlace(statusFacts(own, status));
    return differencesOf(left, right).map(({ at, ...rest }) => ({
      at: `${object} ${at}`,
      ...rest,
    }));
  });
}

/** `listener a: attachedRoutes 1` and `parent b: Accepted=True/Accepted` as what is said of what. */
function factsByPlace(facts: ReadonlySet<string>): Map<string, string> {
  return new Map(
    Array.from(facts, (fact) => {
      const [, at = fact, value = "there"] =
        /^(.*(?:attachedRoutes|supportedKinds|attachedListenerSets)) (.*)$|^$/.exec(fact) ??
        /^(.*)=([^=]*)$/.exec(fact) ??
        [];
      return [at, value];
    }),
  );
}

function differencesOf(
  left: ReadonlyMap<string, string>,
  right: ReadonlyMap<string, string>,
): Difference[] {
  return [...new Set([...left.keys(), ...right.keys()])].flatMap((at) => {
    const [a, b] = [left.get(at) ?? null, right.get(at) ?? null];
    return a === b ? [] : [{ at, left: a, right: b }];
  });
}

/** Requests that try all routes of a domain go to the same route, with the same that is done. */
function compareRouting(theirs: Translation, ours: Translation): Difference[] {
  const keys = new Set([...theirs.routing.keys(), ...ours.routing.keys()]);
  return [...keys].flatMap((key) => {
    const left = theirs.routing.get(key) ?? new Map<string, PlainRoute[]>();
    const right = ours.routing.get(key) ?? new Map<string, PlainRoute[]>();
    return [...new Set([...left.keys(), ...right.keys()])].flatMap((domain) =>
      compareDomain(left, right, domain).map(({ at, ...rest }) => ({
        at: `routing ${key} ${domain} ${at}`,
        ...rest,
      })),
    );
  });
}

function compareDomain(left: Domains, right: Domains, domain: string): Difference[] {
  const own = left.get(domain) ?? [];
  const ours = right.get(domain) ?? [];
  return requestsFor([...own, ...ours]).flatMap((request) => {
    const expected = theirRoute(left, domain, request);
    const found = firstRoute(ours, request);
    const [a, b] = [expected, found].map((route) =>
      route === undefined ? null : `${route.name}: ${route.action}`,
    ) as [string | null, string | null];
    if (a === b) return [];
    return [{ at: `${requestText(request)}${why(expected, found, domain)}`, left: a, right: b }];
  });
}

/** What of precedence makes two routes differ, if it does. */
function why(theirs: PlainRoute | undefined, ours: PlainRoute | undefined, domain: string): string {
  const isOther = theirs?.narrower?.some(
    (name) => name === domain || (name.startsWith("*.") && domain.endsWith(name.slice(1))),
  );
  if (isOther === true) return " by listener";
  if (isByMethod(theirs, ours)) return " by method";
  const isByExpression = theirs?.path.kind === "regex" || ours?.path.kind === "regex";
  return theirs?.isGrpc === true && isByExpression ? " by service" : "";
}

/** Of two routes with the same path ours names a method and theirs more headers: which counts first decides. */
function isByMethod(theirs: PlainRoute | undefined, ours: PlainRoute | undefined): boolean {
  return (
    theirs !== undefined &&
    ours !== undefined &&
    theirs.path.kind === ours.path.kind &&
    theirs.path.value.length === ours.path.value.length &&
    !hasMethod(theirs) &&
    hasMethod(ours) &&
    theirs.headers.length >= ours.headers.length
  );
}

function hasMethod({ headers }: PlainRoute): boolean {
  return headers.some(({ name }) => name === ":method");
}

/**
 * The original ends at the routes that name a domain; ours go on with those that name a wider one, as the specification
 * gives precedence to the narrower host name and no more.
 */
function theirRoute(
  domains: Domains,
  domain: string,
  request: RoutedRequest,
): PlainRoute | undefined {
  const wider = domain
    .split(".")
    .map((_, index, labels) => `*.${labels.slice(index + 1).join(".")}`);
  for (const one of [domain, ...wider.slice(0, -1), "*"]) {
    const route = firstRoute(domains.get(one) ?? [], request);
    if (route !== undefined) return route;
  }
  return undefined;
}
