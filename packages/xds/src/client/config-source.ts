import { toBinary } from "@bufbuild/protobuf";
import type { Duration } from "@bufbuild/protobuf/wkt";
import { durationNanos, envoyTypes } from "@nuncio/api";
import type { RetryPolicy } from "@nuncio/api/types/envoy/config/core/v3/base_pb";
import type {
  ApiConfigSource,
  ConfigSource,
  PathConfigSource,
} from "@nuncio/api/types/envoy/config/core/v3/config_source_pb";
import type { GrpcService } from "@nuncio/api/types/envoy/config/core/v3/grpc_service_pb";
import type { BackOffSettings } from "./back-off.ts";
import { DEFAULT_BACK_OFF } from "./back-off.ts";
import { DEFAULT_INITIAL_FETCH_TIMEOUT_MS } from "./callbacks.ts";
import type { RequestLimitSettings } from "./request-limit.ts";
import { DEFAULT_REQUEST_LIMIT } from "./request-limit.ts";

/** A control plane that is reached by gRPC. */
export interface GrpcSource {
  readonly kind: "grpc";
  readonly isDelta: boolean;
  /** One stream for all types. */
  readonly isAggregated: boolean;
  readonly service: GrpcService;
  readonly setNodeOnFirstMessageOnly: boolean;
  readonly backOff: BackOffSettings;
  readonly requestLimit: RequestLimitSettings | null;
}

/** A control plane that is polled. */
export interface RestSource {
  readonly kind: "rest";
  readonly clusterName: string;
  readonly refreshDelayMs: number;
  readonly requestTimeoutMs: number;
}

/** A file that is followed. */
export interface FileSource {
  readonly kind: "file";
  readonly path: string;
  /** A folder; whatever is moved within it, the file is read again. */
  readonly watchedDirectory: string | null;
}

/** Where resources come from, `ads` among it. */
export type RemoteSource = GrpcSource | RestSource | FileSource | { readonly kind: "ads" };

/** Where resources come from, or that it is where something else came from. */
export type Source = RemoteSource | { readonly kind: "self" };

/** A ConfigSource, checked. */
export interface SourceSettings {
  readonly source: Source;
  /** Equal for sources that one connection can serve. */
  readonly key: string;
  readonly initialFetchTimeoutMs: number;
}

/** A ConfigSource that cannot be used; the message begins with the field. */
export class ConfigSourceError extends Error {}

// envoy.config.core.v3.ApiConfigSource.ApiType; enums have no run time.
const REST = 1;
const GRPC = 2;
const DELTA_GRPC = 3;
const AGGREGATED_GRPC = 5;
const AGGREGATED_DELTA_GRPC = 6;
const V2 = 1;

const DEFAULT_REQUEST_TIMEOUT_MS = 1000;

/** Reads a ConfigSource. Throws a ConfigSourceError that names what is wrong or not supported. */
export function readConfigSource(config: ConfigSource): SourceSettings {
  const timeout = config.initialFetchTimeout;
  const initialFetchTimeoutMs =
    timeout === undefined ? DEFAULT_INITIAL_FETCH_TIMEOUT_MS : durationMs(timeout);
  return { source: readSource(config), key: keyOf(config), initialFetchTimeoutMs };
}

function readSource({ configSourceSpecifier }: ConfigSource): Source {
  switch (configSourceSpecifier.case) {
    case "ads":
      return { kind: "ads" };
    case "self":
      return { kind: "self" };
    case "path":
      return { kind: "file", path: configSourceSpecifier.value, watchedDirectory: null };
    case "pathConfigSource":
      return readPath(configSourceSpecifier.value);
    case "apiConfigSource":
      return readApiConfigSource(configSourceSpecifier.value);
    case undefined:
      throw new ConfigSourceError("config_source_specifier: expected a source, found none");
  }
}

function readPath({ path, watchedDirectory, pollInterval }: PathConfigSource): FileSource {
  refuse(pollInterval !== undefined, "path_config_source.poll_interval");
  return { kind: "file", path, watchedDirectory: watchedDirectory?.path ?? null };
}

/** Reads an ApiConfigSource, such as the bootstrap's `ads_config`. Throws a ConfigSourceError. */
export function readApiConfigSource(api: ApiConfigSource): GrpcSource | RestSource {
  // Left open it is V3, as in Envoy.
  if (api.transportApiVersion === V2)
    throw new ConfigSourceError("transport_api_version: expected V3, the only one there is");
  refuse(api.configValidators.length > 0, "config_validators");
  switch (api.apiType) {
    case REST:
      return readRest(api);
    case GRPC:
    case DELTA_GRPC:
    case AGGREGATED_GRPC:
    case AGGREGATED_DELTA_GRPC:
      return readGrpc(api);
    default:
      throw new ConfigSourceError(`api_type: expected REST or a form of GRPC, got ${api.apiType}`);
  }
}

function readRest(api: ApiConfigSource): RestSource {
  if (api.grpcServices.length > 0)
    throw new ConfigSourceError("grpc_services: expected none with REST");
  const [clusterName] = api.clusterNames;
  if (clusterName === undefined || api.clusterNames.length > 1)
    throw new ConfigSourceError(`cluster_names: expected one, got ${api.clusterNames.length}`);
  if (api.refreshDelay === undefined)
    throw new ConfigSourceError("refresh_delay: required with REST");
  return {
    kind: "rest",
    clusterName,
    refreshDelayMs: durationMs(api.refreshDelay),
    requestTimeoutMs: api.requestTimeout
      ? durationMs(api.requestTimeout)
      : DEFAULT_REQUEST_TIMEOUT_MS,
  };
}

function readGrpc(api: ApiConfigSource): GrpcSource {
  if (api.clusterNames.length > 0)
    throw new ConfigSourceError("cluster_names: expected none with gRPC, use grpc_services");
  const [service] = api.grpcServices;
  if (service === undefined || api.grpcServices.length > 1)
    throw new ConfigSourceError(`grpc_services: expected one, got ${api.grpcServices.length}`);
  refuse(
    service.initialMetadata.some(({ rawValue }) => rawValue.length > 0),
    "initial_metadata.raw_value",
  );
  refuseOfCalls(service);
  const limit = api.rateLimitSettings;
  return {
    kind: "grpc",
    isDelta: api.apiType === DELTA_GRPC || api.apiType === AGGREGATED_DELTA_GRPC,
    isAggregated: api.apiType === AGGREGATED_GRPC || api.apiType === AGGREGATED_DELTA_GRPC,
    service,
    setNodeOnFirstMessageOnly: api.setNodeOnFirstMessageOnly,
    backOff: readBackOff(retryPolicyOf(service)),
    requestLimit:
      limit === undefined
        ? null
        : {
            maxTokens: limit.maxTokens ?? DEFAULT_REQUEST_LIMIT.maxTokens,
            fillRate: limit.fillRate ?? DEFAULT_REQUEST_LIMIT.fillRate,
          },
  };
}

/** What a service has for calls that a proxy makes for its requests. */
function refuseOfCalls({ targetSpecifier: target, timeout }: GrpcService): void {
  refuse(timeout !== undefined, "grpc_services.timeout");
  if (target.case !== "envoyGrpc") return;
  const { maxReceiveMessageLength, skipEnvoyHeaders } = target.value;
  refuse(maxReceiveMessageLength !== undefined, "envoy_grpc.max_receive_message_length");
  refuse(skipEnvoyHeaders, "envoy_grpc.skip_envoy_headers");
}

function retryPolicyOf({ targetSpecifier, retryPolicy }: GrpcService): RetryPolicy | undefined {
  return targetSpecifier.case === "envoyGrpc"
    ? (targetSpecifier.value.retryPolicy ?? retryPolicy)
    : retryPolicy;
}

function readBackOff(policy: RetryPolicy | undefined): BackOffSettings {
  if (policy === undefined) return DEFAULT_BACK_OFF;
  refuse(policy.numRetries !== undefined, "retry_policy.num_retries");
  refuse(policy.retryOn !== "", "retry_policy.retry_on");
  refuse(policy.retryPriority !== undefined, "retry_policy.retry_priority");
  refuse(policy.retryHostPredicate.length > 0, "retry_policy.retry_host_predicate");
  const { retryBackOff } = policy;
  if (retryBackOff?.baseInterval === undefined) return DEFAULT_BACK_OFF;
  const baseIntervalMs = durationMs(retryBackOff.baseInterval);
  const maxIntervalMs = retryBackOff.maxInterval
    ? durationMs(retryBackOff.maxInterval)
    : 10 * baseIntervalMs;
  if (maxIntervalMs < baseIntervalMs)
    throw new ConfigSourceError(
      `retry_back_off.max_interval: expected at least base_interval (${baseIntervalMs} ms), got ${maxIntervalMs} ms`,
    );
  return { baseIntervalMs, maxIntervalMs };
}

function keyOf({ configSourceSpecifier: { case: kind, value } }: ConfigSource): string {
  if (typeof value === "string" || value === undefined) return `${kind} ${value}`;
  const desc = envoyTypes().getMessage(value.$typeName)!;
  return `${kind} ${Buffer.from(toBinary(desc, value)).toString("base64")}`;
}

function refuse(isSet: boolean, field: string): void {
  if (isSet) throw new ConfigSourceError(`${field}: not supported`);
}

function durationMs(duration: Duration): number {
  return Number(durationNanos(duration)) / 1e6;
}
