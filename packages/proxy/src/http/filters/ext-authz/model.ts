import type { GrpcServiceConfig } from "../../../grpc-client/model.ts";
import type { ScopeSlots } from "../../../observe/stats/definition.ts";
import type { FlagConfig, FractionConfig } from "../../../runtime/model.ts";
import type { HeaderAddition } from "../../header-mutations/model.ts";
import type { MutationRulesConfig } from "../../header-mutations/mutation-rules.ts";
import type { RetryPolicyConfig } from "../../retry/model.ts";
import type { MetadataMatcherConfig } from "../../route/matchers/metadata-matcher.ts";
import type { StringMatcherConfig } from "../../route/matchers/string-matcher.ts";

/** `envoy.extensions.filters.http.ext_authz.v3.ExtAuthz` as plain data. Texts are byte strings. */
export interface ExtAuthzConfig {
  readonly scope: ScopeSlots;
  /** What its statistics of clusters begin with: `ext_authz.`. */
  readonly clusterStatPrefix: string;
  readonly service: ServiceConfig;
  /** Null: bodies are not told. */
  readonly body: BodyConfig | null;
  /** Bodies are told to services of gRPC as they are; else bytes that are no UTF-8 become `!`. */
  readonly packAsBytes: boolean;
  /** Headers are told to services of gRPC line by line, as bytes. */
  readonly encodeRawHeaders: boolean;
  readonly includePeerCertificate: boolean;
  readonly includeTlsSession: boolean;
  /** Which metadata of the stream, or else of its connection, services of gRPC are told, */
  readonly metadataContextNamespaces: readonly string[];
  /** and which of the route. */
  readonly routeMetadataContextNamespaces: readonly string[];
  /** Of this proxy, for services of gRPC. Byte strings. */
  readonly destinationLabels: readonly (readonly [key: string, value: string])[];
  /** What services say may become dynamic metadata. */
  readonly ingestsMetadata: boolean;
  /** An answer with headers or parameters that cannot be is answered with 500; else they are left out. */
  readonly validatesMutations: boolean;
  /** Which headers of a request a service may change; null: all. */
  readonly headerRules: MutationRulesConfig | null;
  readonly failureModeAllow: boolean;
  readonly failureModeAllowHeaderAdd: boolean;
  readonly clearRouteCache: boolean;
  /** Only for changes of these headers, in lower case, and of parameters of the query; null: of any. */
  readonly clearRouteCacheHeaders: readonly string[] | null;
  /** Nobody is denied: what would have become of a request is noted. */
  readonly isShadow: boolean;
  readonly statusOnError: number;
  /** Left out: every request. */
  readonly enabled?: FractionConfig;
  /** Requests whose metadata do not match are not asked about either; left out: all do. */
  readonly enabledMetadata?: MetadataMatcherConfig;
  /** What becomes of the others; left out: they pass. */
  readonly denyAtDisable?: FlagConfig;
  /** Headers that the service is told; one of HTTP some others as well. Null: all. */
  readonly allowedHeaders: readonly StringMatcherConfig[] | null;
  readonly disallowedHeaders: readonly StringMatcherConfig[];
  readonly chargeClusterResponseStats: boolean;
  /** A response with more headers than its upstream may send is not sent; else services may add any. */
  readonly enforcesResponseHeaderLimits: boolean;
  /** Of a denial that goes to the client; 0: no limit. */
  readonly deniedBodyBytesMax: number;
}

/** `with_request_body`. */
export interface BodyConfig {
  readonly bytesMax: number;
  /** Of a longer body the service is told so much; else the request is answered with 413. */
  readonly allowsPart: boolean;
}

/** Who is asked. */
export type ServiceConfig = HttpServiceConfig | GrpcAuthorizationConfig;

/** `grpc_service`. */
export interface GrpcAuthorizationConfig {
  readonly kind: "grpc";
  readonly service: GrpcServiceConfig;
  /** 0: no limit. */
  readonly timeoutMs: number;
}

/** `http_service`. Names in matchers are in lower case. */
export interface HttpServiceConfig {
  readonly kind: "http";
  readonly cluster: string;
  /** 0: no limit. */
  readonly timeoutMs: number;
  /** Before the path of the request. */
  readonly pathPrefix: string;
  /** Instead of it; empty for none. */
  readonly pathOverride: string;
  readonly headersToAdd: readonly HeaderAddition[];
  /** Which headers of its answer are set in the request that it allows, */
  readonly upstreamHeaders: readonly StringMatcherConfig[];
  /** added to it, */
  readonly upstreamHeadersToAppend: readonly StringMatcherConfig[];
  /** and added to the response. */
  readonly clientHeadersOnSuccess: readonly StringMatcherConfig[];
  /** Which of its headers a client is told that it denies; none: all of them. */
  readonly clientHeaders: readonly StringMatcherConfig[];
  /** Which of its headers become dynamic metadata. */
  readonly metadataHeaders: readonly StringMatcherConfig[];
  /** Null: a question that fails has failed. */
  readonly retry: RetryPolicyConfig | null;
  /** Where `http.async-client.` counts. */
  readonly asyncScope: ScopeSlots;
}

/** `ExtAuthzPerRoute`. */
export interface ExtAuthzRouteConfig {
  readonly disabled: boolean;
  /** Left out: as the filter says. */
  readonly service?: ServiceConfig;
  /** Null: bodies are not told; left out: as the filter says. */
  readonly body?: BodyConfig | null;
  /** For services of gRPC. Byte strings. */
  readonly contextExtensions: readonly (readonly [key: string, value: string])[];
}
