import type { Cluster } from "@nuncio/api/types/envoy/config/cluster/v3/cluster_pb";
import { typeUrlOf } from "@nuncio/xds";
import { checkNode, checkReachable } from "../../config/config-source.ts";
import type { CompileContext } from "../../config/context.ts";
import type { ScopeSlots } from "../../observe/stats/definition.ts";
import { EDS_STATS } from "../../observe/stats/tables/eds.ts";
import type { EdsConfig } from "../definition.ts";

/** What an EDS cluster is compiled among. */
export interface EdsSurroundings {
  /** Of the cluster. */
  readonly scope: ScopeSlots;
  /** Clusters by which a control plane may be reached: of the bootstrap, and not of EDS themselves. */
  readonly primaryClusters: ReadonlySet<string>;
}

/** Envoy's text. */
export const MISSING_SOURCE =
  "Missing config source specifier in envoy::config::core::v3::ConfigSource";

/** By number of `Cluster.DiscoveryType`. */
const EDS = 3;

/** Names of the clusters of a bootstrap that need no control plane for their hosts. */
export function primaryClusterNames(clusters: readonly Cluster[]): Set<string> {
  return new Set(clusters.filter((cluster) => !isEds(cluster)).map(({ name }) => name));
}

/** Whether the cluster's hosts come by EDS. */
export function isEds({ clusterDiscoveryType: type }: Cluster): boolean {
  return type.case === "type" && (type.value as number) === EDS;
}

/** `eds_cluster_config`. */
export function compileEds(
  cluster: Cluster,
  { scope, primaryClusters }: EdsSurroundings,
  ctx: CompileContext,
): EdsConfig {
  const config = cluster.edsClusterConfig;
  const serviceName = config?.serviceName || cluster.name;
  const source = config?.edsConfig;
  checkNode(typeUrlOf("EDS"), cluster, "eds_cluster_config", ctx);
  if (config === undefined) {
    const text = "cannot create an EDS cluster without an EDS config";
    ctx.problems.error(cluster, "eds_cluster_config", text);
  } else if (source !== undefined) {
    checkReachable(source, primaryClusters, ctx.problems);
  } else if (!serviceName.startsWith("xdstp:")) {
    ctx.problems.error(config, "eds_config", MISSING_SOURCE);
  }
  return {
    source: source ?? null,
    serviceName,
    givenServiceName: config?.serviceName ?? "",
    clusterScope: scope,
    scope: ctx.stats.scope(scope.prefix, EDS_STATS),
  };
}
