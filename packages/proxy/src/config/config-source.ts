import type { Problems } from "@nuncio/api";
import type {
  ApiConfigSource,
  ConfigSource,
} from "@nuncio/api/types/envoy/config/core/v3/config_source_pb";
import { ConfigSourceError, readApiConfigSource, readConfigSource } from "@nuncio/xds";

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

function check(source: ApiConfigSource | ConfigSource, read: () => void, problems: Problems): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof ConfigSourceError)) throw error;
    problems.error(source, undefined, error.message);
  }
}
