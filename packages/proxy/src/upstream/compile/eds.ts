import { existsSync } from "node:fs";
import type { Cluster } from "@nuncio/api/types/envoy/config/cluster/v3/cluster_pb";
import type {
  ApiConfigSource,
  ConfigSource,
} from "@nuncio/api/types/envoy/config/core/v3/config_source_pb";
import { checkConfigSource } from "../../config/config-source.ts";
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
  checkNode(cluster, ctx);
  if (config === undefined) {
    const text = "cannot create an EDS cluster without an EDS config";
    ctx.problems.error(cluster, "eds_cluster_config", text);
  } else if (source !== undefined) {
    checkSource(source, primaryClusters, ctx);
  } else if (!serviceName.startsWith("xdstp:")) {
    ctx.problems.error(config, "eds_config", MISSING_SOURCE);
  }
  return {
    source: source ?? null,
    serviceName,
    clusterScope: scope,
    scope: ctx.stats.scope(scope.prefix, EDS_STATS),
  };
}

/** Whoever answers has to know whom. */
function checkNode(cluster: Cluster, { node, problems }: CompileContext): void {
  if (node.id !== "" && node.cluster !== "") return;
  const text =
    "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment: node 'id' and 'cluster' are required. Set it either in 'node' config or via --service-node and --service-cluster options.";
  problems.error(cluster, "eds_cluster_config", text);
}

function checkSource(
  source: ConfigSource,
  primaryClusters: ReadonlySet<string>,
  ctx: CompileContext,
): void {
  const { configSourceSpecifier: specifier } = source;
  checkConfigSource(source, ctx.problems);
  switch (specifier.case) {
    case "path":
      checkPath(source, "path", specifier.value, ctx);
      break;
    case "pathConfigSource":
      checkPath(specifier.value, "path", specifier.value.path, ctx);
      break;
    case "apiConfigSource":
      checkClusters(specifier.value, primaryClusters, ctx);
      break;
    case "ads":
    case "self":
    case undefined:
      break;
  }
}

function checkPath(
  message: Parameters<CompileContext["problems"]["error"]>[0],
  field: string,
  path: string,
  ctx: CompileContext,
): void {
  if (existsSync(path)) return;
  const text = `paths must refer to an existing path in the system: '${path}' does not exist`;
  ctx.problems.error(message, field, text);
}

/** A control plane cannot tell where it is itself. */
function checkClusters(
  message: ApiConfigSource,
  primaryClusters: ReadonlySet<string>,
  ctx: CompileContext,
): void {
  const grpc = message.grpcServices.flatMap(({ targetSpecifier: target }) =>
    target.case === "envoyGrpc" ? [target.value.clusterName] : [],
  );
  for (const name of [...message.clusterNames, ...grpc]) {
    if (primaryClusters.has(name)) continue;
    const text = `${message.$typeName} must have a statically defined non-EDS cluster: '${name}' does not exist, was added via api, or is an EDS cluster`;
    ctx.problems.error(message, undefined, text);
  }
}
