import { INVALID } from "./connections.ts";
import { weightsOf } from "./read-action.ts";
import type { Domains, PlainRoute } from "./routing.ts";
import { servesDomain } from "./specification/attachments.ts";
import { backendText } from "./specification/backends.ts";
import { covers } from "./specification/host-names.ts";
import type { DocumentListener } from "./specification/listeners.ts";
import type { Filter, Ref, RuleBackend } from "./specification/objects.ts";
import { routeOf, routePrefix, ruleOf } from "./specification/route-names.ts";
import type { Specification } from "./specification/specification.ts";

/**
 * Routes, as `<kind>/<namespace>/<name>`, that are to serve a domain at the listener that has it, and are left out by the
 * original, as it leaves the names to a narrower listener of the port that is not served.
 */
export function unattachedRoutes(
  specification: Specification,
  listener: DocumentListener,
  domain: string,
  theirs: Domains,
): Set<string> {
  if (!specification.hasUnservedBetween(listener, domain)) return new Set();
  const names = specification.attachments
    .at(listener)
    .filter((route) => servesDomain(route, listener, domain))
    .map(routePrefix);
  const around = [...theirs]
    .filter(([wide]) => covers(wide, domain))
    .flatMap(([, routes]) => routes);
  const served = around.filter((one) => one.listener === listener.label);
  return new Set(names.filter((name) => !served.some((one) => one.name.startsWith(`${name}/`))));
}

/**
 * Why the original answers for a rule by itself, where ours serves it: it does not do without a mirror that nobody can be
 * connected to, nor with a filter of a backend that is more than a change of headers. Ours are to go to the backends of
 * the rule. Undefined: it has no such cause.
 */
export function answeredCause(
  { objects }: Specification,
  theirs: PlainRoute | undefined,
  { name, action }: PlainRoute,
): string | undefined {
  const [match, backend] = name.split("/backend/");
  if (theirs?.name !== match || !ANSWERED.test(theirs?.action ?? "")) return undefined;
  const route = routeOf(objects, name);
  const { filters = [], backendRefs = [] } = ruleOf(objects, name) ?? {};
  const textOf = (ref: Ref): string => backendText(objects, route!, ref);
  const isLost = ({ requestMirror }: Filter): boolean =>
    requestMirror?.backendRef !== undefined && textOf(requestMirror.backendRef) === INVALID;
  const isOwn = ({ filters: own = [] }: RuleBackend): boolean =>
    own.some((filter) => !HEADER_FILTER.test(filter.type) && !isLost(filter));
  const isOther = (ref: RuleBackend): boolean =>
    ref.filters?.some(({ type }) => !HEADER_FILTER.test(type)) === true;
  // One that has a route of its own stands there with its number.
  const served = backendRefs.filter((ref, i) =>
    isOwn(ref) ? `${i}` === backend : backend === undefined,
  );
  const shares = served.map((ref) => [textOf(ref), ref.weight ?? 1] as const);
  if (sharesText(shares) !== sharesText(weightsOf(action))) return undefined;
  if (filters.some(isLost)) return "mirror";
  return backendRefs.some(isOther) ? "filters of backends" : undefined;
}

const ANSWERED = /^answer 50[03]$/;
const HEADER_FILTER = /^(Request|Response)HeaderModifier$/;

function sharesText(shares: Iterable<readonly [string, number]>): string {
  const sums = new Map<string, number>();
  for (const [to, weight] of shares) if (weight > 0) sums.set(to, (sums.get(to) ?? 0) + weight);
  return Array.from(sums, ([to, weight]) => `${to}*${weight}`)
    .toSorted()
    .join(" ");
}
