import type {
  Route,
  VirtualHost,
} from "@nuncio/api/types/envoy/config/route/v3/route_components_pb";
import { toByteString } from "../../../observe/format/byte-string.ts";
import { compileMirrorPolicies } from "../../mirror/compile.ts";
import type { RouteConfig, VirtualHostConfig } from "../model.ts";
import { compileDirectResponse } from "./direct-response.ts";
import type { DomainCheck } from "./domains.ts";
import { compileRedirect } from "./redirect.ts";
import { compileRouteAction } from "./route-action.ts";
import type { RouteContext } from "./route-context.ts";
import { compileRouteMatch } from "./route-match.ts";
import { compileScope } from "./scope.ts";

const REQUIRE_TLS = ["none", "external_only", "all"] as const;

/** A virtual host with its routes as plain data. */
export function compileVirtualHost(
  message: VirtualHost,
  context: RouteContext,
  domains: DomainCheck,
): VirtualHostConfig {
  const metadata = message.metadata?.filterMetadata ?? {};
  return {
    name: toByteString(message.name),
    domains: domains.compile(message),
    requireTls: REQUIRE_TLS[message.requireTls],
    includeRequestAttemptCount: message.includeRequestAttemptCount,
    includeAttemptCountInResponse: message.includeAttemptCountInResponse,
    ...(message.requestMirrorPolicies.length > 0 && {
      mirrorPolicies: compileMirrorPolicies(
        message.requestMirrorPolicies,
        context.clusterNames,
        context.ctx,
      ),
    }),
    ...bufferLimits(message),
    ...(Object.keys(metadata).length > 0 && { metadata }),
    routes: message.routes.flatMap((route) => compileRoute(route, context) ?? []),
    ...compileScope(message, context),
  };
}

/** Null for a route without match or action: validate.rules, or the table of implemented fields, refuse it. */
function compileRoute(message: Route, context: RouteContext): RouteConfig | null {
  const match = message.match === undefined ? null : compileRouteMatch(message.match, context.ctx);
  const action = compileAction(message, context);
  if (match === null || action === null) return null;
  const metadata = message.metadata?.filterMetadata ?? {};
  return {
    ...(message.name !== "" && { name: toByteString(message.name) }),
    match,
    action,
    ...(Object.keys(metadata).length > 0 && { metadata }),
    ...bufferLimits(message),
    ...compileScope(message, context),
  };
}

function compileAction(message: Route, context: RouteContext): RouteConfig["action"] | null {
  const { action } = message;
  switch (action.case) {
    case "route":
      return compileRouteAction(action.value, message.name, context);
    case "redirect":
      return compileRedirect(action.value, context.ctx);
    case "directResponse":
      return compileDirectResponse(action.value, context);
    default:
      return null;
  }
}

function bufferLimits(
  message: VirtualHost | Route,
): Pick<RouteConfig, "bufferLimitBytes" | "bufferLimitCapBytes"> {
  const { requestBodyBufferLimit: limit, perRequestBufferLimitBytes: cap } = message;
  if (limit !== undefined) return { bufferLimitBytes: Number(limit) };
  return cap === undefined ? {} : { bufferLimitCapBytes: cap };
}
