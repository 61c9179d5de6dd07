import type {
  WeightedCluster,
  WeightedCluster_ClusterWeight,
} from "@nuncio/api/types/envoy/config/route/v3/route_components_pb";
import { requestHeaderKey } from "@nuncio/codec";
import { toByteString } from "../../../observe/format/byte-string.ts";
import type { ClusterChoiceConfig, WeightedClusterConfig } from "../model.ts";
import { lbMetadata } from "./lb-metadata.ts";
import type { RouteContext } from "./route-context.ts";
import { compileScope } from "./scope.ts";

const MAX_TOTAL_WEIGHT = 4_294_967_295;

/** `total_weight` changes nothing: it is out of use. */
export function compileWeightedClusters(
  message: WeightedCluster,
  routeName: string,
  context: RouteContext,
): ClusterChoiceConfig {
  const { problems } = context.ctx;
  const clusters = message.clusters.map((cluster) => compileOne(cluster, context));
  const totalWeight = clusters.reduce((sum, cluster) => sum + cluster.weight, 0);
  if (totalWeight === 0) {
    problems.error(
      message,
      "clusters",
      "Sum of weights in the weighted_cluster must be greater than 0.",
    );
  }
  if (totalWeight > MAX_TOTAL_WEIGHT) {
    const text = `The sum of weights of all weighted clusters of route ${routeName} exceeds ${MAX_TOTAL_WEIGHT}`;
    problems.error(message, "clusters", text);
  }
  const { randomValueSpecifier: specifier } = message;
  const randomValueHeader =
    specifier.case === "headerName" ? requestHeaderKey(specifier.value) : "";
  return {
    kind: "weighted",
    clusters,
    totalWeight,
    ...(message.runtimeKeyPrefix !== "" && { runtimeKeyPrefix: message.runtimeKeyPrefix }),
    randomValueHeader,
    ...(specifier.case === "useHashPolicy" && specifier.value && { byHash: true as const }),
  };
}

function compileOne(
  message: WeightedCluster_ClusterWeight,
  context: RouteContext,
): WeightedClusterConfig {
  checkName(message, context);
  const { hostRewriteSpecifier: host, weight } = message;
  if (weight === undefined)
    context.ctx.problems.error(message, "weight", "Field 'weight' is missing");
  const metadataMatch = lbMetadata(message.metadataMatch);
  return {
    name: message.name,
    header: requestHeaderKey(message.clusterHeader),
    weight: weight ?? 0,
    ...(host.value !== undefined &&
      host.value !== "" && { hostRewriteLiteral: toByteString(host.value) }),
    ...(metadataMatch !== null && { metadataMatch }),
    ...compileScope(message, context),
  };
}

function checkName(
  message: WeightedCluster_ClusterWeight,
  { ctx, clusterNames }: RouteContext,
): void {
  const { name, clusterHeader } = message;
  if (name !== "" && clusterHeader !== "") {
    ctx.problems.error(
      message,
      "cluster_header",
      "Only one of name or cluster_header can be specified",
    );
  } else if (name === "" && clusterHeader === "") {
    ctx.problems.error(
      message,
      undefined,
      "At least one of name or cluster_header need to be specified",
    );
  } else if (name !== "" && clusterNames?.has(name) === false) {
    ctx.problems.error(message, "name", `route: unknown weighted cluster '${name}'`);
  }
}
