import { widerNames } from "./connections.ts";
import { CORRECTIONS } from "./corrections.ts";
import type { OracleDifference } from "./difference.ts";
import { requestsFor, requestText } from "./requests.ts";
import { splitText } from "./route-shares.ts";
import { firstRoute, type Domains, type PlainRoute, type RoutedRequest } from "./routing.ts";
import { prefixOf } from "./specification/route-names.ts";
import type { Specification } from "./specification/specification.ts";
import { answeredCause, unattachedRoutes } from "./specified-routing.ts";
import type { Translation } from "./translation.ts";

/** Requests that try all routes of a domain go to the same route, with the same that is done. */
export function compareRouting(
  theirs: Translation,
  ours: Translation,
  specification: Specification,
): OracleDifference[] {
  const keys = new Set([...theirs.routing.keys(), ...ours.routing.keys()]);
  return [...keys].flatMap((key) => {
    const comparison = new RoutingComparison(
      key,
      theirs.routing.get(key) ?? new Map<string, PlainRoute[]>(),
      ours.routing.get(key) ?? new Map<string, PlainRoute[]>(),
      specification,
    );
    return comparison.differences();
  });
}

type Names = readonly string[];

const ALL = Object.keys(CORRECTIONS);
/** Told beside the corrections. */
const ATTACHMENT = "attachment";

/** A route configuration of both. */
class RoutingComparison {
  readonly #key: string;
  readonly #theirs: Domains;
  readonly #ours: Domains;
  readonly #specification: Specification;
  readonly #corrected = new Map<string, readonly PlainRoute[]>();

  constructor(key: string, theirs: Domains, ours: Domains, specification: Specification) {
    this.#key = key;
    this.#theirs = theirs;
    this.#ours = ours;
    this.#specification = specification;
  }

  differences(): OracleDifference[] {
    const domains = new Set([...this.#theirs.keys(), ...this.#ours.keys()]);
    return [...domains].flatMap((domain) => {
      const ours = this.#ourRoutes(domain);
      const tried = [...(this.#theirs.get(domain) ?? []), ...ours];
      return requestsFor(tried).flatMap((request) => {
        const expected = this.#theirRoute(domain, request, []);
        const found = firstRoute(ours, request);
        const corrected = this.#theirRoute(domain, request, ALL);
        const [left, right] = told(expected, found);
        if (left === right && isAlike(corrected, found)) return [];
        const at = `routing ${this.#key} ${domain} ${requestText(request)}`;
        const corrections = this.#correctionsFor(domain, request, ours);
        return [{ at, left, right, ...(corrections !== undefined && { corrections }) }];
      });
    });
  }

  /** A host for which there is nothing is looked for among wider ones, unless it belongs to another listener. */
  #ourRoutes(domain: string): readonly PlainRoute[] {
    const own = this.#ours.get(domain);
    if (own !== undefined) return own;
    if (this.#specification.listenerOf(this.#key, domain) === undefined) return [];
    const wider = widerDomains(domain).find((one) => this.#ours.has(one));
    return wider === undefined ? [] : this.#ours.get(wider)!;
  }

  /** As few as make both the same; undefined: they stay different. */
  #correctionsFor(
    domain: string,
    request: RoutedRequest,
    ours: readonly PlainRoute[],
  ): Names | undefined {
    const found = firstRoute(ours, request);
    const isSame = (names: Names): boolean =>
      isAlike(this.#theirRoute(domain, request, names), found);
    const without = (names: Names, name: string): Names => names.filter((one) => one !== name);
    if (isSame(ALL))
      return ALL.reduce<Names>(
        (left, name) => (isSame(without(left, name)) ? without(left, name) : left),
        ALL,
      );
    const expected = this.#theirRoute(domain, request, ALL);
    const cause = found && answeredCause(this.#specification, expected, found);
    if (cause !== undefined) return [cause];
    const listener = this.#specification.listenerOf(this.#key, domain);
    if (listener === undefined) return undefined;
    const unattached = unattachedRoutes(this.#specification, listener, domain, this.#theirs);
    const others = ours.filter(({ name }) => !unattached.has(prefixOf(name)));
    const next = firstRoute(others, request);
    if (isAlike(expected, next)) return [ATTACHMENT];
    const second = next && answeredCause(this.#specification, expected, next);
    return second === undefined ? undefined : [ATTACHMENT, second];
  }

  /**
   * The original ends at the routes that name a domain; ours go on with those that name a wider one, as the specification
   * gives precedence to the narrower host name and no more.
   */
  #theirRoute(domain: string, request: RoutedRequest, corrections: Names): PlainRoute | undefined {
    for (const one of [domain, ...widerDomains(domain)]) {
      const route = firstRoute(this.#theirRoutes(one, domain, corrections), request);
      if (route !== undefined) return route;
    }
    return undefined;
  }

  /** Those that name a domain, for requests of one that is as narrow, or more. */
  #theirRoutes(named: string, domain: string, corrections: Names): readonly PlainRoute[] {
    const key = [named, domain, ...corrections].join(" ");
    let routes = this.#corrected.get(key);
    if (routes === undefined) {
      const place = { specification: this.#specification, routing: this.#key, domain };
      routes = corrections.reduce(
        (all, name) => CORRECTIONS[name]!(all, place),
        this.#theirs.get(named) ?? [],
      );
      this.#corrected.set(key, routes);
    }
    return routes;
  }
}

type Told = readonly [theirs: string | null, ours: string | null];

/** Each backend by itself where one of them has filters of its own that one of both does. */
function told(theirs: PlainRoute | undefined, ours: PlainRoute | undefined): Told {
  const isSplit = theirs?.shares !== undefined || ours?.shares !== undefined;
  const tell = (route: PlainRoute | undefined): string | null =>
    route === undefined ? null : `${route.name}: ${isSplit ? splitText(route) : route.action}`;
  return [tell(theirs), tell(ours)];
}

function isAlike(theirs: PlainRoute | undefined, ours: PlainRoute | undefined): boolean {
  const [left, right] = told(theirs, ours);
  return left === right;
}

function widerDomains(domain: string): string[] {
  return domain === "*" ? [] : [...widerNames(domain).filter((one) => one !== domain), "*"];
}
