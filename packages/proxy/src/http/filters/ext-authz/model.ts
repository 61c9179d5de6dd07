import type { ScopeSlots } from "../../../observe/stats/definition.ts";
import type { FlagConfig, FractionConfig } from "../../../runtime/model.ts";
import type { RetryPolicy } from "../../async-client/retry-policy.ts";
import type { HeaderAddition } from "../../header-mutations/model.ts";
import type { StringMatcherConfig } from "../../route/matchers/string-matcher.ts";

/** `envoy.extensions.filters.http.ext_authz.v3.ExtAuthz` as plain data. Texts are byte strings. */
export interface ExtAuthzConfig {
  readonly scope: ScopeSlots;
  /** What its statistics of clusters begin with: `ext_authz.`. */
  readonly clusterStatPrefix: string;
  readonly service: HttpServiceConfig;
  /** Null: bodies are not told. */
  readonly body: BodyConfig | null;
  readonly failureModeAllow: boolean;
  readonly failureModeAllowHeaderAdd: boolean;
  readonly clearRouteCache: boolean;
  readonly statusOnError: number;
  /** Left out: every request. */
  readonly enabled?: FractionConfig;
  /** What becomes of the others; left out: they pass. */
  readonly denyAtDisable?: FlagConfig;
  /** Headers that the service is told, beside those that it always is. */
  readonly allowedHeaders: readonly StringMatcherConfig[];
  readonly disallowedHeaders: readonly StringMatcherConfig[];
  readonly chargeClusterResponseStats: boolean;
  /** Of a denial that goes to the client; 0: no limit. */
  readonly deniedBodyBytesMax: number;
}

/** `with_request_body`. */
export interface BodyConfig {
  readonly bytesMax: number;
  /** Of a longer body the service is told so much; else the request is answered with 413. */
  readonly allowsPart: boolean;
}

/** `http_service`. Names in matchers are in lower case. */
export interface HttpServiceConfig {
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
  /** Null: a question that fails has failed. */
  readonly retry: RetryPolicy | null;
  /** Where `http.async-client.` counts. */
  readonly asyncScope: ScopeSlots;
}

/** `ExtAuthzPerRoute`. */
export interface ExtAuthzRouteConfig {
  readonly disabled: boolean;
  /** Left out: as the filter says. */
  readonly service?: HttpServiceConfig;
  /** Null: bodies are not told; left out: as the filter says. */
  readonly body?: BodyConfig | null;
}
