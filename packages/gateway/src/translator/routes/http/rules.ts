import type { IrHttpFilter } from "../../../ir/listener.ts";
import type { IrRoute } from "../../../ir/route.ts";
import type { BackendReferences } from "../../backends/backend-references.ts";
import type { RoutePrecedence } from "../../translated-route.ts";
import type { HttpRouteMatch, HttpRouteRule, RouteObject } from "../objects.ts";
import { RuleFaults } from "./faults.ts";
import type { RankedMatch } from "./matches.ts";
import { preflightMatch } from "./preflight.ts";
import { ruleActions, type RuleAction } from "./rule-actions.ts";

/** The rules of a route as a data plane has them. */
export interface TranslatedRules {
  readonly http: readonly IrRoute[];
  readonly precedence: readonly RoutePrecedence[];
  readonly filters: readonly IrHttpFilter[];
  /** Rules that are not served, and why. */
  readonly dropped: readonly DroppedRule[];
}

export interface DroppedRule {
  readonly index: number;
  readonly faults: RuleFaults;
}

/** How a kind of route says which requests a rule takes. */
export interface RuleMatcher<Rule> {
  readonly kind: "HTTPRoute" | "GRPCRoute";
  readonly matches: (rule: Rule, where: string, faults: RuleFaults) => RankedMatch[];
  /** What is known of paths; GRPCRoutes have none. */
  readonly paths: (rule: Rule) => readonly HttpRouteMatch[];
}

/** The rules of an HTTPRoute or GRPCRoute. A rule with a fault is left out; the others are served. */
export function translateRules<Rule extends Omit<HttpRouteRule, "matches">>(
  { metadata, spec }: RouteObject<Rule>,
  matcher: RuleMatcher<Rule>,
  backends: BackendReferences,
): TranslatedRules {
  const { kind } = matcher;
  const key = `${metadata.namespace}/${metadata.name}`;
  const dropped: DroppedRule[] = [];
  const served: ServedMatch[] = [];
  for (const [index, rule] of (spec.rules ?? []).entries()) {
    const faults = new RuleFaults();
    const where = `rules[${index}]`;
    const matches = matcher.matches(rule, where, faults);
    const areKnown = !faults.any;
    const place = { route: `${kind}/${key}`, kind, ruleIndex: index };
    const context = { ...place, matches: matcher.paths(rule), backends, faults };
    const actions = ruleActions(rule, where, context);
    if (faults.any) dropped.push({ index, faults });
    const shown = !faults.any ? actions : faults.fails && areKnown ? [ERROR] : [];
    for (const [i, match] of matches.entries()) {
      const name = `${kind.toLowerCase()}/${key}/rule/${index}/match/${i}`;
      served.push(
        ...shown.flatMap((action) => servedMatches({ match, action, name, ruleName: rule.name })),
      );
    }
  }
  const http = served.map(irRoute);
  const precedence = served.map(({ match }) => match.precedence);
  return { http, precedence, filters: usedFilters(http), dropped };
}

/** What requests get that a filter which is not known would have seen. */
const ERROR: RuleAction = { action: { kind: "directResponse", statusCode: 500 } };

interface ServedMatch {
  readonly match: RankedMatch;
  readonly action: RuleAction;
  readonly name: string;
  readonly ruleName: string | undefined;
}

/** Browsers ask before they send requests to another origin. */
function servedMatches(served: ServedMatch): ServedMatch[] {
  const { match, action, name } = served;
  const preflight = action.cors === undefined ? undefined : preflightMatch(match);
  if (preflight === undefined) return [served];
  return [served, { ...served, match: preflight, name: `${name}/cors-preflight` }];
}

function irRoute({ match, action: ruleAction, name, ruleName }: ServedMatch): IrRoute {
  const { fraction, backendIndex, ...action } = ruleAction;
  return {
    name: backendIndex === undefined ? name : `${name}/backend/${backendIndex}`,
    ...(ruleName !== undefined && { ruleName }),
    match: fraction === undefined ? match.match : { ...match.match, fraction },
    ...action,
  };
}

/** Each once; sorted. */
function usedFilters(routes: readonly IrRoute[]): IrHttpFilter[] {
  const used = new Map<string, IrHttpFilter>();
  const use = (filter: IrHttpFilter): void => void used.set(JSON.stringify(filter), filter);
  for (const { cors, action, match } of routes) {
    if (cors !== undefined) use("cors");
    if (match.grpc === true) use("grpc_web");
    if (action.kind !== "forward") continue;
    if (action.sessionPersistence !== undefined) use("stateful_session");
    if (action.externalAuth === undefined) continue;
    const { protocol, requestHeaders } = action.externalAuth;
    use({ kind: "ext_authz", protocol, requestHeaders });
  }
  return [...used.keys()].toSorted().map((key) => used.get(key)!);
}
