import { existsSync } from "node:fs";
import type { Message } from "@bufbuild/protobuf";
import type { Problems } from "@nuncio/api";
import type {
  ApiConfigSource,
  ConfigSource,
} from "@nuncio/api/types/envoy/config/core/v3/config_source_pb";
import { ConfigSourceError, readApiConfigSource, readConfigSource } from "@nuncio/xds";
import type { NodeIdentity } from "./context.ts";

/** Fields that say where resources come from. */
export const implemented = {
  "envoy.config.core.v3.ConfigSource": [
    "authorities",
    "path",
    "path_config_source",
    "api_config_source",
    "ads",
    "self",
    "initial_fetch_timeout",
    "resource_api_version",
  ],
  "xds.core.v3.Authority": "all",
  "envoy.config.core.v3.AggregatedConfigSource": "all",
  "envoy.config.core.v3.SelfConfigSource": ["transport_api_version"],
  "envoy.config.core.v3.PathConfigSource": ["path", "watched_directory"],
  "envoy.config.core.v3.WatchedDirectory": "all",
  "envoy.config.core.v3.ApiConfigSource": [
    "api_type",
    "transport_api_version",
    "cluster_names",
    "grpc_services",
    "refresh_delay",
    "request_timeout",
    "rate_limit_settings",
    "set_node_on_first_message_only",
  ],
  "envoy.config.core.v3.RateLimitSettings": "all",
  "envoy.config.core.v3.GrpcService": ["envoy_grpc", "initial_metadata", "retry_policy"],
  "envoy.config.core.v3.GrpcService.EnvoyGrpc": ["cluster_name", "authority", "retry_policy"],
  "envoy.config.core.v3.HeaderValue": "all",
  "envoy.config.core.v3.RetryPolicy": ["retry_back_off"],
  "envoy.config.core.v3.BackoffStrategy": "all",
} as const;

/** What stands against using a source, where it stands. */
export function checkConfigSource(source: ConfigSource, problems: Problems): void {
  check(source, () => readConfigSource(source), problems);
}

/** The same for the bootstrap's `ads_config`. */
export function checkApiConfigSource(source: ApiConfigSource, problems: Problems): void {
  check(source, () => readApiConfigSource(source), problems);
}

/**
 * The same, and what the source names has to be there: files, and `clusters`, those by which a control plane may be
 * reached; null when that is not to be checked.
 */
export function checkReachable(
  source: ConfigSource,
  clusters: { has(name: string): boolean } | null,
  problems: Problems,
): void {
  const { configSourceSpecifier: specifier } = source;
  checkConfigSource(source, problems);
  switch (specifier.case) {
    case "path":
      checkPath(source, specifier.value, problems);
      break;
    case "pathConfigSource":
      checkPath(specifier.value, specifier.value.path, problems);
      break;
    case "apiConfigSource":
      if (clusters !== null) checkClusters(specifier.value, clusters, problems);
      break;
    case "ads":
    case "self":
    case undefined:
      break;
  }
}

/**
 * Whoever is asked for resources has to know by whom.
 *
 * @param asker what asks: `type.googleapis.com/` and a type, or a name, as Envoy has it
 * @param field of the message, where the missing names are told; undefined for the message itself
 */
export function checkNode(
  asker: string,
  message: Message,
  field: string | undefined,
  { node: { id, cluster }, problems }: { readonly node: NodeIdentity; readonly problems: Problems },
): void {
  if (id !== "" && cluster !== "") return;
  const text = `${asker}: node 'id' and 'cluster' are required. Set it either in 'node' config or via --service-node and --service-cluster options.`;
  problems.error(message, field, text);
}

function checkPath(message: Message, path: string, problems: Problems): void {
  if (existsSync(path)) return;
  const text = `paths must refer to an existing path in the system: '${path}' does not exist`;
  problems.error(message, "path", text);
}

/** A control plane cannot tell where it is itself. */
function checkClusters(
  message: ApiConfigSource,
  clusters: { has(name: string): boolean },
  problems: Problems,
): void {
  const grpc = message.grpcServices.flatMap(({ targetSpecifier: target }) =>
    target.case === "envoyGrpc" ? [target.value.clusterName] : [],
  );
  for (const name of [...message.clusterNames, ...grpc]) {
    if (clusters.has(name)) continue;
    const text = `${message.$typeName} must have a statically defined non-EDS cluster: '${name}' does not exist, was added via api, or is an EDS cluster`;
    problems.error(message, undefined, text);
  }
}

function check(source: ApiConfigSource | ConfigSource, read: () => void, problems: Problems): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof ConfigSourceError)) throw error;
    problems.error(source, undefined, error.message);
  }
}
