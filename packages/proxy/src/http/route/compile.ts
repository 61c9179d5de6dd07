import type { VirtualHost } from "@nuncio/api/types/envoy/config/route/v3/route_components_pb";
import type { RouteConfiguration } from "@nuncio/api/types/envoy/config/route/v3/route_pb";
import { requestHeaderKey } from "@nuncio/codec";
import type { CompileContext } from "../../config/context.ts";
import type { HttpFilterConfigSide } from "../filters/extension.ts";
import { compileMirrorPolicies } from "../mirror/compile.ts";
import { compileClusterPlugins } from "./compile/cluster-plugins.ts";
import { DomainCheck } from "./compile/domains.ts";
import type { RouteContext } from "./compile/route-context.ts";
import { refuseRouteSpecifiers } from "./compile/route-specifiers.ts";
import { compileScope } from "./compile/scope.ts";
import { compileVirtualHost } from "./compile/virtual-host.ts";
import type { RouteTableConfig, VirtualHostConfig } from "./model.ts";
import { NO_ROUTES } from "./no-routes.ts";

const DEFAULT_MAX_DIRECT_RESPONSE_BODY_BYTES = 4096;

/**
 * A route table as plain data, of an inline `route_config`; null gives a table without routes. `filters` are the
 * main sides of the HTTP filters by their type: they compile `typed_per_filter_config`.
 */
export function compileRouteConfiguration(
  message: RouteConfiguration | null,
  ctx: CompileContext,
  filters: ReadonlyMap<string, HttpFilterConfigSide>,
): RouteTableConfig {
  if (message === null) return NO_ROUTES;
  const context = routeContext(message, ctx, filters);
  refuseRouteSpecifiers(message, ctx);
  const domains = new DomainCheck(message.name, ctx.problems);
  return {
    name: message.name,
    virtualHosts: message.virtualHosts.map((virtualHost) =>
      compileVirtualHost(virtualHost, context, domains),
    ),
    internalOnlyHeaders: message.internalOnlyHeaders.map((name) => name.toLowerCase()),
    mostSpecificHeaderMutationsWins: message.mostSpecificHeaderMutationsWins,
    ignorePortInHostMatching: message.ignorePortInHostMatching,
    ignorePathParameters: message.ignorePathParametersInPathMatching,
    ...(message.vhostHeader !== "" && { virtualHostHeader: requestHeaderKey(message.vhostHeader) }),
    ...(message.requestMirrorPolicies.length > 0 && {
      mirrorPolicies: compileMirrorPolicies(
        message.requestMirrorPolicies,
        context.clusterNames,
        ctx,
      ),
    }),
    ...compileScope(message, context),
  };
}

/** A virtual host of `routes` that came by itself (VHDS). Its domains are its owner's to compare with those of the others. */
export function compileDeliveredVirtualHost(
  message: VirtualHost,
  routes: RouteConfiguration,
  ctx: CompileContext,
  filters: ReadonlyMap<string, HttpFilterConfigSide>,
): VirtualHostConfig {
  const domains = new DomainCheck(routes.name, ctx.problems);
  return compileVirtualHost(message, routeContext(routes, ctx, filters), domains);
}

function routeContext(
  message: RouteConfiguration,
  ctx: CompileContext,
  filters: ReadonlyMap<string, HttpFilterConfigSide>,
): RouteContext {
  return {
    ctx,
    perRouteSides: sidesByPerRouteType(filters),
    filterSides: filters,
    clusterNames: (message.validateClusters ?? true) ? ctx.clusterNames : null,
    clusterPlugins: compileClusterPlugins(message, ctx),
    maxDirectResponseBodyBytes:
      message.maxDirectResponseBodySizeBytes ?? DEFAULT_MAX_DIRECT_RESPONSE_BODY_BYTES,
  };
}

function sidesByPerRouteType(
  filters: ReadonlyMap<string, HttpFilterConfigSide>,
): ReadonlyMap<string, HttpFilterConfigSide> {
  const sides = new Map<string, HttpFilterConfigSide>();
  for (const side of filters.values())
    if (side.perRouteType !== undefined) sides.set(side.perRouteType, side);
  return sides;
}
