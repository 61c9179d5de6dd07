import type { DocumentObjects } from "./objects.ts";
import { matchOf, placeOf } from "./route-names.ts";

/** Greater numbers go first, the first number that differs decides. */
type Precedence = readonly number[];

const PATH_KINDS: Readonly<Record<string, number>> = { Exact: 2, RegularExpression: 1 };
/** Ends the names of routes for the preflights of a match. */
export const PREFLIGHT = "/cors-preflight";

/**
 * How a match weighs against others of its host name: HTTPRouteRule.matches (where expressions stand is left to
 * implementations), GRPCRouteRule.matches.
 *
 * @param name `<kind>/<namespace>/<name>/rule/<i>/match/<j>`
 */
function precedenceOf(objects: DocumentObjects, name: string): Precedence {
  const match = matchOf(objects, name);
  const { path, method, headers = [], queryParams = [] } = match ?? {};
  if (name.startsWith("grpcroute/")) {
    const { service = "", method: rpc = "" } = typeof method === "object" ? method : {};
    return [service.length, rpc.length, headers.length];
  }
  return [
    PATH_KINDS[path?.type ?? ""] ?? 0,
    (path?.value ?? "/").length,
    method === undefined ? 0 : 1,
    // A preflight names its origin and the method that it asks for.
    headers.length + (name.endsWith(PREFLIGHT) ? 2 : 0),
    queryParams.length,
  ];
}

/**
 * For `sort`. Where matches weigh the same, that of the older route goes first, which is the first by namespace and name here,
 * then the first of the route.
 */
export function byPrecedence(objects: DocumentObjects): (a: string, b: string) => number {
  return (a, b) => {
    const [left, right] = [precedenceOf(objects, a), precedenceOf(objects, b)];
    const i = left.findIndex((value, at) => value !== right[at]);
    return i < 0 ? byPlace(a, b) : right[i]! - left[i]!;
  };
}

function byPlace(a: string, b: string): number {
  const [ofLeft, ofRight] = [a, b].map((name) => name.split("/").slice(1, 3).join("/"));
  if (ofLeft !== ofRight) return ofLeft! < ofRight! ? -1 : 1;
  const [left, right] = [placeOf(a), placeOf(b)];
  return left.rule - right.rule || left.match - right.match;
}

/** The method whose preflights a route is for; undefined: it is for other requests. */
export function preflightMethod(objects: DocumentObjects, name: string): string | undefined {
  if (!name.endsWith(PREFLIGHT)) return undefined;
  const method = matchOf(objects, name)?.method;
  return typeof method === "string" ? method : undefined;
}
