import type { IrPathMatch, IrRouteMatch } from "../../../ir/route.ts";
import type { RoutePrecedence } from "../../translated-route.ts";
import type { HttpRouteMatch, HttpRouteRule } from "../objects.ts";
import type { RuleFaults } from "./faults.ts";
import { checkRegex } from "./regex.ts";
import type { RuleMatcher } from "./rules.ts";
import { headerMatches, queryMatches } from "./value-matches.ts";

/** Which requests a rule takes, and how that weighs against others. */
export interface RankedMatch {
  readonly match: IrRouteMatch;
  readonly precedence: RoutePrecedence;
}

const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"]);

export const HTTP_RULES: RuleMatcher<HttpRouteRule> = {
  kind: "HTTPRoute",
  matches: httpMatches,
  paths: ({ matches = [] }) => matches,
};

/** The matches of a rule of an HTTPRoute; none: all requests. */
function httpMatches(
  { matches = [] }: HttpRouteRule,
  where: string,
  faults: RuleFaults,
): RankedMatch[] {
  const all = matches.length === 0 ? [{}] : matches;
  return all.map((match, i) => {
    const written = match.path?.value ?? "/";
    return ranked(httpMatch(match, `${where}.matches[${i}]`, faults), written.length);
  });
}

/**
 * An exact path before others, then regular expressions, longer paths, a method, more headers, more parameters
 * (HTTPRouteRule.matches; where expressions stand is left to us).
 *
 * @param pathLength of the path as it is written: a slash at its end counts, though it says nothing
 */
export function ranked(match: IrRouteMatch, pathLength: number): RankedMatch {
  const { path, method, headers, queryParams } = match;
  const kinds = { prefix: 0, regex: 1, exact: 2 };
  return {
    match,
    precedence: [
      kinds[path.kind],
      pathLength,
      method === undefined ? 0 : 1,
      headers.length,
      queryParams.length,
    ],
  };
}

function httpMatch(
  { path, headers, queryParams, method }: HttpRouteMatch,
  where: string,
  faults: RuleFaults,
): IrRouteMatch {
  // In data planes it has routes of another kind, which look at no path.
  if (method === "CONNECT")
    faults.unsupported(`${where}.method`, "CONNECT is not supported: its requests have no path");
  else if (method !== undefined && !METHODS.has(method))
    faults.unsupported(
      `${where}.method`,
      `expected one of ${[...METHODS].join(", ")}, got ${method}`,
    );
  return {
    path: pathMatch(path, `${where}.path`, faults),
    ...(method !== undefined && { method }),
    headers: headerMatches(headers, `${where}.headers`, faults),
    queryParams: queryMatches(queryParams, `${where}.queryParams`, faults),
  };
}

function pathMatch(
  { type = "PathPrefix", value = "/" }: NonNullable<HttpRouteMatch["path"]> = {},
  where: string,
  faults: RuleFaults,
): IrPathMatch {
  if (type === "RegularExpression") {
    checkRegex(value, where, faults);
    return { kind: "regex", value };
  }
  if (!value.startsWith("/"))
    faults.unsupported(where, `expected a path that begins with "/", got ${value}`);
  if (type === "Exact") return { kind: "exact", value };
  if (type !== "PathPrefix")
    faults.unsupported(where, `expected type Exact, PathPrefix or RegularExpression, got ${type}`);
  return { kind: "prefix", value: withoutLastSlash(value) };
}

/** A prefix is one of whole segments, so a slash at its end says nothing more. */
function withoutLastSlash(path: string): string {
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}
