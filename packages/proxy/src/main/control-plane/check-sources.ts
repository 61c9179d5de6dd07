import type { Problems } from "@nuncio/api";
import type { Bootstrap } from "@nuncio/api/types/envoy/config/bootstrap/v3/bootstrap_pb";
import type { GrpcService } from "@nuncio/api/types/envoy/config/core/v3/grpc_service_pb";
import { checkApiConfigSource, checkConfigSource } from "../../config/config-source.ts";
import type { NodeIdentity } from "../../config/context.ts";

/** What stands against the bootstrap's own sources of configuration. */
export function checkSources(bootstrap: Bootstrap, node: NodeIdentity, problems: Problems): void {
  const { dynamicResources: dynamic, configSources, defaultConfigSource } = bootstrap;
  const named = [dynamic?.cdsConfig, dynamic?.ldsConfig, defaultConfigSource, ...configSources];
  for (const source of named) {
    if (source === undefined) continue;
    checkConfigSource(source, problems);
    if (source.configSourceSpecifier.case === "ads" && dynamic?.adsConfig === undefined)
      problems.error(source, "ads", "expected an ads_config in dynamic_resources");
  }
  const ads = dynamic?.adsConfig;
  if (ads === undefined) return;
  checkApiConfigSource(ads, problems);
  for (const service of ads.grpcServices) checkCluster(service, bootstrap, problems);
  if (node.id === "" || node.cluster === "") {
    const text =
      "ads: node 'id' and 'cluster' are required. Set it either in 'node' config or via --service-node and --service-cluster options.";
    problems.error(dynamic!, "ads_config", text);
  }
}

function checkCluster(
  { targetSpecifier: target }: GrpcService,
  { staticResources }: Bootstrap,
  problems: Problems,
): void {
  if (target.case !== "envoyGrpc") return;
  const { clusterName } = target.value;
  const known = staticResources?.clusters.some(({ name }) => name === clusterName) ?? false;
  if (!known)
    problems.error(target.value, "cluster_name", `Unknown gRPC client cluster '${clusterName}'`);
}
