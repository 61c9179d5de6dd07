import type { Rds } from "@nuncio/api/types/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb";
import { typeUrlOf } from "@nuncio/xds";
import { checkConfigSource, checkNode } from "../../../config/config-source.ts";
import type { CompileContext } from "../../../config/context.ts";

const RDS = "envoy.extensions.filters.network.http_connection_manager.v3.Rds";

/** Fields of `rds` that do something. */
export const implemented = { [RDS]: "all" } as const;

/**
 * Routes that come from elsewhere: the number under which workers have them.
 * @param statPrefix of the connection manager, with its dot
 */
export function compileRds(rds: Rds, statPrefix: string, ctx: CompileContext): number | null {
  const { configSource, routeConfigName: name } = rds;
  if (configSource === undefined) return null; // validate.rules said so
  if (name === "") {
    ctx.problems.error(
      rds,
      "route_config_name",
      "expected a name: collections of xdstp:// are not implemented yet",
    );
    return null;
  }
  checkNode(typeUrlOf("RDS"), rds, undefined, ctx);
  checkConfigSource(configSource, ctx.problems);
  const target = ctx.routeConfigs.of(name, configSource, statPrefix);
  ctx.targets.push(target);
  return target.id;
}
