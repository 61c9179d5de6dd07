import type { VirtualHost } from "@nuncio/api/types/envoy/config/route/v3/route_components_pb";
import { toByteString } from "../../../observe/format/byte-string.ts";
import { compileRouteCors } from "../../cors/compile.ts";
import { compileMirrorPolicies } from "../../mirror/compile.ts";
import type { VirtualHostConfig } from "../model.ts";
import { bufferLimits } from "./buffer-limits.ts";
import type { DomainCheck } from "./domains.ts";
import { compileRetries } from "./retries.ts";
import type { RouteContext } from "./route-context.ts";
import { compileRouteMatcher } from "./route-matcher.ts";
import { refuseRouteSpecifiers } from "./route-specifiers.ts";
import { compileRoute } from "./route.ts";
import { compileScope } from "./scope.ts";
import { compileVirtualClusters } from "./virtual-clusters.ts";

const REQUIRE_TLS = ["none", "external_only", "all"] as const;

/** A virtual host with its routes as plain data. */
export function compileVirtualHost(
  message: VirtualHost,
  context: RouteContext,
  domains: DomainCheck,
): VirtualHostConfig {
  refuseRouteSpecifiers(message, context.ctx);
  const metadata = message.metadata?.filterMetadata ?? {};
  return {
    name: toByteString(message.name),
    domains: domains.compile(message),
    requireTls: REQUIRE_TLS[message.requireTls],
    includeRequestAttemptCount: message.includeRequestAttemptCount,
    includeAttemptCountInResponse: message.includeAttemptCountInResponse,
    ...(message.includeIsTimeoutRetryHeader && { includeIsTimeoutRetry: true as const }),
    ...compileRetries(message, context.ctx),
    ...(message.virtualClusters.length > 0 && {
      virtualClusters: compileVirtualClusters(message, context.ctx),
    }),
    ...(message.requestMirrorPolicies.length > 0 && {
      mirrorPolicies: compileMirrorPolicies(
        message.requestMirrorPolicies,
        context.clusterNames,
        context.ctx,
      ),
    }),
    ...(message.cors !== undefined && { cors: compileRouteCors(message.cors, context.ctx) }),
    ...bufferLimits(message),
    ...(Object.keys(metadata).length > 0 && { metadata }),
    routes: message.routes.flatMap((route) => compileRoute(route, message.name, context) ?? []),
    ...(message.matcher !== undefined && {
      matcher: compileRouteMatcher(message, message.matcher, context),
    }),
    ...compileScope(message, context),
  };
}
