import type { Route } from "@nuncio/api/types/envoy/config/route/v3/route_components_pb";
import { toByteString } from "../../../observe/format/byte-string.ts";
import type { ScopeSlots } from "../../../observe/stats/definition.ts";
import { REQUEST_STATS } from "../../../observe/stats/tables/request.ts";
import type { PathMatchConfig, RouteActionConfig, RouteConfig } from "../model.ts";
import { bufferLimits } from "./buffer-limits.ts";
import { compileDirectResponse } from "./direct-response.ts";
import { compileRedirect } from "./redirect.ts";
import { compileRouteAction } from "./route-action.ts";
import type { RouteContext } from "./route-context.ts";
import { compileRouteMatch } from "./route-match.ts";
import { refuseRouteSpecifiers } from "./route-specifiers.ts";
import { compileScope } from "./scope.ts";
import { compileTraceSamples } from "./trace-samples.ts";
import { statName, virtualHostPrefix } from "./virtual-clusters.ts";

/** Null for a route without match or action: validate.rules, or the table of implemented fields, refuse it. */
export function compileRoute(
  message: Route,
  virtualHostName: string,
  context: RouteContext,
): RouteConfig | null {
  const match = message.match === undefined ? null : compileRouteMatch(message.match, context.ctx);
  refuseRouteSpecifiers(message, context.ctx);
  const action = compileAction(message, match?.path ?? null, context);
  if (match === null || action === null) return null;
  const metadata = message.metadata?.filterMetadata ?? {};
  return {
    ...(message.name !== "" && { name: toByteString(message.name) }),
    match,
    action,
    ...(message.statPrefix !== "" && {
      statScope: compileStatPrefix(message.statPrefix, virtualHostName, context),
    }),
    ...(Object.keys(metadata).length > 0 && { metadata }),
    ...(message.tracing !== undefined && { tracing: compileTraceSamples(message.tracing) }),
    ...bufferLimits(message),
    ...compileScope(message, context),
  };
}

function compileStatPrefix(
  statPrefix: string,
  virtualHostName: string,
  { ctx }: RouteContext,
): ScopeSlots {
  const prefix = `${virtualHostPrefix(virtualHostName)}route.${statName(statPrefix)}.`;
  return ctx.stats.scope(prefix, REQUEST_STATS);
}

function compileAction(
  message: Route,
  match: PathMatchConfig | null,
  context: RouteContext,
): RouteConfig["action"] | null {
  const { action } = message;
  switch (action.case) {
    case "route":
      return compileRouteAction(action.value, match, message.name, context);
    case "redirect":
      return compileRedirect(action.value, match, context.ctx);
    case "directResponse":
      return compileDirectResponse(action.value, context);
    case "nonForwardingAction":
    case "filterAction":
      return NON_FORWARDING;
    default:
      return null;
  }
}

/** For filters that need no upstream; the router finds no cluster, as Envoy's. */
const NON_FORWARDING: RouteActionConfig = { kind: "route", cluster: { kind: "cluster", name: "" } };
