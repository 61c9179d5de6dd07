import type { IrDirectResponse, IrForward, IrFraction, IrRoute } from "../../../ir/route.ts";
import type { HttpRouteRule } from "../objects.ts";
import { refuseBesideRedirect } from "./beside-redirect.ts";
import { filterEffects, type FilterEffects } from "./filters.ts";
import { needsOwnRoute, ruleBackends, weightedCluster, type RuleBackend } from "./rule-backends.ts";
import type { RuleContext } from "./rule-context.ts";
import { sessionPersistence } from "./session.ts";
import { shares } from "./shares.ts";
import { retry, timeouts } from "./timeouts.ts";

/** What happens with a share of the requests that match a rule. */
export interface RuleAction extends Omit<IrRoute, "name" | "ruleName" | "match"> {
  /** Where it stands in `backendRefs`, if it is one backend's alone. */
  readonly backendIndex?: number;
  readonly fraction?: IrFraction;
}

/** How a rule forwards, whichever the backend. */
type Forwarding = Omit<IrForward, "kind" | "clusters" | "mirrors" | "rewrite" | "externalAuth">;

/** The actions of a rule: one, or one for each share where backends have filters that routes alone can do. */
export function ruleActions(
  rule: Omit<HttpRouteRule, "matches">,
  where: string,
  context: RuleContext,
): RuleAction[] {
  const effects = filterEffects(rule.filters, `${where}.filters`, context);
  const forwarding = ruleForwarding(rule, where, context);
  const refs = rule.backendRefs ?? [];
  if (effects.redirect !== undefined) {
    if (refs.length > 0)
      context.faults.incompatible(where, "RequestRedirect does not go with backendRefs");
    return [{ ...headersOf(effects), action: effects.redirect }];
  }
  const backends = ruleBackends(refs, `${where}.backendRefs`, context);
  for (const { effects: own, index } of backends)
    refuseBesideRedirect(own.types, effects.types, (type) =>
      context.faults.incompatible(
        `${where}.backendRefs[${index}].filters`,
        `RequestRedirect does not go with ${type} of the rule`,
      ),
    );
  return shares(groups(backends)).map(({ value: group, fraction }) => ({
    ...groupAction(group, effects, forwarding, context),
    ...(fraction !== undefined && { fraction }),
  }));
}

/** Backends with filters of their own, and the rest together. */
function groups(all: readonly RuleBackend[]): { value: RuleBackend[]; weight: number }[] {
  const own = all.filter(needsOwnRoute).map((backend) => [backend]);
  const rest = all.filter((backend) => !needsOwnRoute(backend));
  const weighted = [...own, rest].map((value) => ({
    value,
    weight: value.reduce((sum, { weight }) => sum + weight, 0),
  }));
  // Nobody has a weight: all get the error that is due.
  return weighted.some(({ weight }) => weight > 0) ? weighted : [{ value: [], weight: 1 }];
}

function groupAction(
  group: readonly RuleBackend[],
  ofRule: FilterEffects,
  forwarding: Forwarding,
  context: RuleContext,
): RuleAction {
  const [first] = group;
  const own = first !== undefined && needsOwnRoute(first) ? first : undefined;
  const effects = own === undefined ? ofRule : together(ofRule, own.effects);
  return {
    ...headersOf(effects),
    ...(own !== undefined && { backendIndex: own.index }),
    action: effects.redirect ?? forward(group, effects, forwarding, context),
  };
}

function forward(
  group: readonly RuleBackend[],
  { externalAuth, mirrors, rewrite }: FilterEffects,
  forwarding: Forwarding,
  context: RuleContext,
): IrForward | IrDirectResponse {
  if (externalAuth === null) return { kind: "directResponse", statusCode: 500 };
  const used = group.filter(({ weight }) => weight > 0);
  if (used.every(({ cluster }) => cluster === null)) return missing(context);
  return {
    kind: "forward",
    clusters: used.map(weightedCluster),
    mirrors,
    ...(rewrite !== undefined && { rewrite }),
    ...forwarding,
    ...(externalAuth !== undefined && { externalAuth }),
  };
}

/**
 * What a backend has goes before what its rule has; of a rewrite the host name and the path, each by itself. Its changes of
 * headers are the weighted cluster's.
 */
function together(ofRule: FilterEffects, own: FilterEffects): FilterEffects {
  const { requestHeaders: _, responseHeaders, mirrors, ...rest } = own;
  return {
    ...ofRule,
    ...rest,
    ...(rest.rewrite !== undefined && { rewrite: { ...ofRule.rewrite, ...rest.rewrite } }),
    mirrors: [...ofRule.mirrors, ...mirrors],
    ...(rest.redirect !== undefined && responseHeaders !== undefined && { responseHeaders }),
  };
}

/** HTTP: 500. gRPC: UNAVAILABLE, which is what 503 is to its clients. */
function missing({ kind }: RuleContext): IrDirectResponse {
  return { kind: "directResponse", statusCode: kind === "GRPCRoute" ? 503 : 500 };
}

function headersOf(effects: FilterEffects): Omit<RuleAction, "action"> {
  const { requestHeaders, responseHeaders, cors } = effects;
  return {
    ...(requestHeaders !== undefined && { requestHeaders }),
    ...(responseHeaders !== undefined && { responseHeaders }),
    ...(cors !== undefined && { cors }),
  };
}

function ruleForwarding(
  rule: Omit<HttpRouteRule, "matches">,
  where: string,
  context: RuleContext,
): Forwarding {
  const { faults, kind } = context;
  const session = rule.sessionPersistence;
  return {
    ...(kind === "GRPCRoute" && { missingBackendStatus: 503 }),
    ...(rule.timeouts !== undefined && timeouts(rule.timeouts, `${where}.timeouts`, faults)),
    ...(rule.retry !== undefined && { retry: retry(rule.retry, `${where}.retry`, faults) }),
    ...(session !== undefined && {
      sessionPersistence: sessionPersistence(session, `${where}.sessionPersistence`, context),
    }),
  };
}
