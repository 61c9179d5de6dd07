import type { VirtualHost } from "@nuncio/api/types/envoy/config/route/v3/route_components_pb";
import type { RouteConfiguration } from "@nuncio/api/types/envoy/config/route/v3/route_pb";
import type { CompileContext } from "../../config/context.ts";
import { httpFilterMainSides } from "../../http/filters/main-registry.ts";
import {
  compileDeliveredVirtualHost,
  compileRouteConfiguration,
} from "../../http/route/compile.ts";
import type { RouteTableConfig, VirtualHostConfig } from "../../http/route/model.ts";

/** A route configuration that came while the proxy runs. */
export function compileRoutes(message: RouteConfiguration, ctx: CompileContext): RouteTableConfig {
  return compileRouteConfiguration(message, lateContext(message, ctx), httpFilterMainSides);
}

/** A virtual host of `routes` that came while the proxy runs. */
export function compileVirtualHostOf(
  routes: RouteConfiguration,
  message: VirtualHost,
  ctx: CompileContext,
): VirtualHostConfig {
  const context = lateContext(routes, ctx);
  return compileDeliveredVirtualHost(message, routes, context, httpFilterMainSides);
}

/** `validate_clusters` is off unless asked for: clusters may come later. */
function lateContext(
  { validateClusters }: RouteConfiguration,
  ctx: CompileContext,
): CompileContext {
  return { ...ctx, clusterNames: validateClusters === true ? ctx.clusterNames : null };
}
