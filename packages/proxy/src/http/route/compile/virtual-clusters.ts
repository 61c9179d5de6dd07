import type { VirtualHost } from "@nuncio/api/types/envoy/config/route/v3/route_components_pb";
import type { CompileContext } from "../../../config/context.ts";
import { toByteString } from "../../../observe/format/byte-string.ts";
import { REQUEST_STATS } from "../../../observe/stats/tables/request.ts";
import { compileHeaderMatcher } from "../matchers/header-matcher.ts";
import type { VirtualClustersConfig } from "../model.ts";

/** `virtual_clusters` of a virtual host, which has some. */
export function compileVirtualClusters(
  message: VirtualHost,
  ctx: CompileContext,
): VirtualClustersConfig {
  const prefix = `${virtualHostPrefix(message.name)}vcluster.`;
  return {
    clusters: message.virtualClusters.map((cluster) => {
      if (cluster.headers.length === 0)
        ctx.problems.error(cluster, "headers", "virtual clusters must define 'headers'");
      return {
        name: toByteString(cluster.name),
        headers: cluster.headers.map((matcher) => compileHeaderMatcher(matcher, ctx)),
        scope: ctx.stats.scope(`${prefix}${statName(cluster.name)}.`, REQUEST_STATS),
      };
    }),
    otherScope: ctx.stats.scope(`${prefix}other.`, REQUEST_STATS),
  };
}

/** `vhost.<name>.` */
export function virtualHostPrefix(virtualHostName: string): string {
  return `vhost.${statName(virtualHostName)}.`;
}

/** A name within the names of stats, where dots part names. */
export function statName(name: string): string {
  return name.replace(/\.+$/, "");
}
