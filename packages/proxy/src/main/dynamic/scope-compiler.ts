import type { ScopedRouteConfiguration } from "@nuncio/api/types/envoy/config/route/v3/scoped_route_pb";
import type { CompileContext, InitTarget } from "../../config/context.ts";
import type { RouteTableConfig } from "../../http/route/model.ts";
import { compileScopeKey } from "../../http/route/scoped/compile.ts";
import { scopeKey } from "../../http/route/scoped/scope-key.ts";
import { refuseVhds } from "../../http/route/vhds.ts";
import { compileRoutes } from "./route-compiler.ts";

/** A scope that came by SRDS, understood. */
export interface CompiledScope {
  readonly name: string;
  /** Its fragments in one text. */
  readonly key: string;
  /** Its routes, or the name under which RDS has them. */
  readonly routes: RouteTableConfig | string;
  /** Routes are asked for when a request needs them. */
  readonly onDemand: boolean;
  readonly message: ScopedRouteConfiguration;
  /** What its own routes need from elsewhere. */
  readonly targets: readonly InitTarget[];
}

/** `hasRds`: there is a source for routes that a scope names. */
export function compileScope(
  message: ScopedRouteConfiguration,
  hasRds: boolean,
  ctx: CompileContext,
): CompiledScope {
  const { name, onDemand, routeConfiguration, routeConfigurationName } = message;
  if (routeConfiguration !== undefined) refuseVhds(routeConfiguration, ctx);
  else {
    if (routeConfigurationName === "")
      ctx.problems.error(message, undefined, "route_configuration_name is empty.");
    else if (!hasRds)
      ctx.problems.error(
        message,
        "route_configuration_name",
        "expected an rds_config_source in scoped_routes",
      );
  }
  return {
    name,
    key: scopeKey(compileScopeKey(message)),
    // What is given with the scope comes before the name, as in Envoy.
    routes:
      routeConfiguration === undefined
        ? routeConfigurationName
        : compileRoutes(routeConfiguration, ctx),
    onDemand,
    message,
    targets: ctx.targets,
  };
}
