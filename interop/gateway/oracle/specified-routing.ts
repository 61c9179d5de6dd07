import { INVALID } from "./connections.ts";
import { actionSums } from "./route-shares.ts";
import type { Domains, PlainRoute } from "./routing.ts";
import { servesDomain } from "./specification/attachments.ts";
import { backendText } from "./specification/backends.ts";
import { covers } from "./specification/host-names.ts";
import type { DocumentListener } from "./specification/listeners.ts";
import type { Filter, RuleBackend } from "./specification/objects.ts";
import { routeOf, routePrefix, ruleOf } from "./specification/route-names.ts";
import { servedText, specifiedText } from "./specification/shares.ts";
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
 * connected to, nor with a filter of a backend that is more than a change of headers or of the host name. Ours are to go
 * to the backends of the rule, rewritten and mirrored as it says. Undefined: it has no such cause.
 */
export function answeredCause(
  { objects }: Specification,
  theirs: PlainRoute | undefined,
  ours: PlainRoute,
): string | undefined {
  const { name } = ours;
  if (theirs?.name !== name || !isAnswered(theirs, ours)) return undefined;
  const { filters = [], backendRefs = [] } = ruleOf(objects, name) ?? {};
  if (servedText(ours) !== specifiedText(objects, name)) return undefined;
  const route = routeOf(objects, name)!;
  const isLost = ({ requestMirror }: Filter): boolean =>
    requestMirror?.backendRef !== undefined &&
    backendText(objects, route, requestMirror.backendRef) === INVALID;
  if (filters.some(isLost)) return "mirror";
  const isOther = (ref: RuleBackend): boolean =>
    ref.filters?.some(({ type }) => !HEADER_FILTER.test(type)) === true;
  return backendRefs.some(isOther) ? "filters of backends" : undefined;
}

/** For some of its requests, and does with the others what ours does with as many at least. */
function isAnswered(theirs: PlainRoute, ours: PlainRoute): boolean {
  const found = actionSums(ours);
  const sums = [...actionSums(theirs)];
  const others = sums.filter(([action]) => !ANSWERED.test(action));
  return (
    others.length < sums.length &&
    others.every(([action, weight]) => (found.get(action) ?? 0) > weight - ROUNDING)
  );
}

const ROUNDING = 1e-9;
const ANSWERED = /^answer 50[03]$/;
const HEADER_FILTER = /^(Request|Response)HeaderModifier$/;
