import type { Problems } from "@nuncio/api";
import type { Bootstrap } from "@nuncio/api/types/envoy/config/bootstrap/v3/bootstrap_pb";
import type { ApiConfigSource } from "@nuncio/api/types/envoy/config/core/v3/config_source_pb";
import type { GrpcService } from "@nuncio/api/types/envoy/config/core/v3/grpc_service_pb";
import { checkApiConfigSource, checkConfigSource } from "../../config/config-source.ts";
import type { NodeIdentity } from "../../config/context.ts";
import { checkLocators } from "./resources-locator.ts";

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
  checkLocators(bootstrap, problems);
  checkStream(bootstrap.clusterManager?.loadStatsConfig, "load reporting", bootstrap, problems);
  checkStream(bootstrap.hdsConfig, "health discovery", bootstrap, problems);
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

/** The `ads_config` is one of the delta protocol. */
export function adsIsDelta({ dynamicResources }: Bootstrap): boolean {
  const apiType = dynamicResources?.adsConfig?.apiType;
  return apiType === DELTA_GRPC || apiType === AGGREGATED_DELTA_GRPC;
}

// envoy.config.core.v3.ApiConfigSource.ApiType; enums have no run time.
const REST = 1;
const DELTA_GRPC = 3;
const AGGREGATED_DELTA_GRPC = 6;

/** Services of their own, which are streams of gRPC. */
function checkStream(
  config: ApiConfigSource | undefined,
  what: string,
  bootstrap: Bootstrap,
  problems: Problems,
): void {
  if (config === undefined) return;
  checkApiConfigSource(config, problems);
  if (config.apiType === REST)
    problems.error(config, "api_type", `expected GRPC: ${what} is a stream`);
  for (const service of config.grpcServices) checkCluster(service, bootstrap, problems);
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
