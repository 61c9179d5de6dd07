import type { MatcherConfig } from "../../matching/model.ts";
import type { FormatPlan, TextPlan } from "../../observe/format/plan.ts";
import type { ScopeSlots } from "../../observe/stats/definition.ts";
import type { Metadata } from "../../observe/stream-info.ts";
import type { FractionConfig } from "../../runtime/model.ts";
import type { CorsPolicyConfig } from "../cors/model.ts";
import type { HashPolicyConfig } from "../hash-policy/model.ts";
import type { HeaderMutationsConfig } from "../header-mutations/model.ts";
import type { MirrorPolicyConfig } from "../mirror/model.ts";
import type { RetryPolicyConfig } from "../retry/model.ts";
import type { TraceSamples } from "../trace-samples.ts";
import type { GrpcTimeoutLimits } from "./entry.ts";
import type { CookieMatcherConfig } from "./matchers/cookie-matcher.ts";
import type { FilterStateMatcherConfig } from "./matchers/filter-state-matcher.ts";
import type { HeaderMatcherConfig } from "./matchers/header-matcher.ts";
import type { MetadataMatcherConfig } from "./matchers/metadata-matcher.ts";
import type { QueryParameterMatcherConfig } from "./matchers/query-parameter-matcher.ts";
import type { SubstituteConfig } from "./regex/substitute.ts";

// A route table as plain data: what main posts to the workers. Tables may have many thousands of routes, so what is
// not configured is left out. Text that meets the wire is a byte string: one character per byte.

/** What table, virtual host, route and weighted cluster have in common. */
export interface ScopeConfig {
  readonly requestEdits?: HeaderMutationsConfig;
  readonly responseEdits?: HeaderMutationsConfig;
  /** By the filter's name. */
  readonly perFilter?: { readonly [filterName: string]: PerFilterConfig };
}

/** One value of `typed_per_filter_config`. */
export interface PerFilterConfig {
  /** Whether `FilterConfig.disabled` switches the filter off. A configuration switches it on. */
  readonly disabled: boolean;
  /** The filter's type (`HttpFilterConfigSide.configType`), and what its `compilePerRoute` gave; null: none. */
  readonly config: { readonly type: string; readonly plain: unknown } | null;
}

export interface RouteTableConfig extends ScopeConfig {
  readonly name: string;
  readonly virtualHosts: readonly VirtualHostConfig[];
  /** Lower case. */
  readonly internalOnlyHeaders: readonly string[];
  readonly mostSpecificHeaderMutationsWins: boolean;
  readonly ignorePortInHostMatching: boolean;
  readonly ignorePathParameters: boolean;
  /** Lower case: the header that has the place of the authority; left out for none. */
  readonly virtualHostHeader?: string;
  /** Of virtual hosts without their own. */
  readonly mirrorPolicies?: readonly MirrorPolicyConfig[];
  /** Virtual hosts come by VHDS: the number of the table, by which main is asked for those that are not there. */
  readonly onDemandHosts?: number;
}

/** What became different about the virtual hosts that came by VHDS; what is removed goes first. */
export interface VirtualHostsChange {
  /** All domains of those that are gone or replaced. */
  readonly removed: readonly string[];
  readonly set: readonly PostedVirtualHost[];
}

/** A virtual host, or what became different about one that workers have. */
export type PostedVirtualHost =
  | VirtualHostConfig
  | (Omit<VirtualHostConfig, "routes"> & {
      /** A domain of the one that it takes the place of. */
      readonly before: string;
      readonly routes: readonly (RouteConfig | KeptRoutes)[];
    });

/** So many routes of the virtual host before, from its `kept`th on. */
export interface KeptRoutes {
  readonly kept: number;
  readonly count: number;
}

export interface VirtualHostConfig extends ScopeConfig {
  readonly name: string;
  /** Lower case, unique over the table. */
  readonly domains: readonly string[];
  readonly metadata?: Metadata;
  readonly virtualClusters?: VirtualClustersConfig;
  readonly requireTls: "none" | "external_only" | "all";
  readonly includeRequestAttemptCount: boolean;
  readonly includeAttemptCountInResponse: boolean;
  /** `include_is_timeout_retry_header`. */
  readonly includeIsTimeoutRetry?: true;
  /** Of routes without their own, and so is the next. */
  readonly retryPolicy?: RetryPolicyConfig;
  readonly hedgeOnPerTryTimeout?: boolean;
  /** Of routes without their own. */
  readonly mirrorPolicies?: readonly MirrorPolicyConfig[];
  readonly cors?: CorsPolicyConfig;
  /** `request_body_buffer_limit`. */
  readonly bufferLimitBytes?: number;
  /** `per_request_buffer_limit_bytes`, when the other is not set. */
  readonly bufferLimitCapBytes?: number;
  readonly routes: readonly RouteConfig[];
  /** Instead of `routes`: a tree to lists of them. */
  readonly matcher?: MatcherConfig<readonly RouteConfig[]>;
}

/** `virtual_clusters`. */
export interface VirtualClustersConfig {
  readonly clusters: readonly {
    readonly name: string;
    readonly headers: readonly HeaderMatcherConfig[];
    readonly scope: ScopeSlots;
  }[];
  /** Of requests that none of them takes. */
  readonly otherScope: ScopeSlots;
}

export interface RouteConfig extends ScopeConfig {
  readonly name?: string;
  /** Of `stat_prefix`. */
  readonly statScope?: ScopeSlots;
  readonly match: RouteMatchConfig;
  readonly action: RouteActionConfig | RedirectConfig | DirectResponseConfig;
  readonly tracing?: TraceSamples;
  readonly metadata?: Metadata;
  /** `request_body_buffer_limit`. */
  readonly bufferLimitBytes?: number;
  /** `per_request_buffer_limit_bytes`, when the other is not set. */
  readonly bufferLimitCapBytes?: number;
}

export interface RouteMatchConfig {
  readonly path: PathMatchConfig;
  readonly headers?: readonly HeaderMatcherConfig[];
  readonly queryParameters?: readonly QueryParameterMatcherConfig[];
  readonly cookies?: readonly CookieMatcherConfig[];
  readonly grpc?: true;
  readonly runtimeFraction?: FractionConfig;
  readonly tlsContext?: { readonly presented?: boolean; readonly validated?: boolean };
  readonly dynamicMetadata?: readonly MetadataMatcherConfig[];
  readonly filterState?: readonly FilterStateMatcherConfig[];
}

/**
 * `value` is lower case with `ignoreCase`; the pattern of a `regex`. `connect` takes CONNECT requests and `nothing`
 * none: a template that makes no expression.
 */
export interface PathMatchConfig {
  readonly kind: "exact" | "prefix" | "separated_prefix" | "regex" | "connect" | "nothing";
  readonly value: string;
  readonly ignoreCase?: true;
  /** The template that a `regex` or `nothing` was made of. */
  readonly template?: string;
}

/** What may be rewritten about a path; one is set. */
export interface PathRewriteConfig {
  /** Replaces what was matched: the prefix, or the whole path. */
  readonly prefix?: string;
  readonly regex?: SubstituteConfig;
  /** Gives the whole path, without the query; an empty one leaves it. */
  readonly format?: TextPlan;
}

export interface RouteActionConfig {
  readonly kind: "route";
  readonly cluster: ClusterChoiceConfig;
  readonly clusterNotFoundStatus?: number;
  readonly timeoutMs?: number;
  readonly idleTimeoutMs?: number;
  readonly flushTimeoutMs?: number;
  readonly maxStreamDurationMs?: number;
  readonly limitsStreams?: true;
  readonly grpcTimeoutHeader?: GrpcTimeoutLimits;
  readonly maxGrpcTimeout?: GrpcTimeoutLimits;
  readonly pathRewrite?: PathRewriteConfig;
  readonly hostRewrite?: HostRewriteConfig;
  readonly appendXForwardedHost?: true;
  readonly priority?: "high";
  readonly internalRedirect?: InternalRedirectConfig;
  readonly mirrorPolicies?: readonly MirrorPolicyConfig[];
  /** `upgrade_configs`: whether a type (lower case) is enabled. */
  readonly upgrades?: readonly (readonly [type: string, enabled: boolean])[];
  /** `connect_config`: a CONNECT ends here. */
  readonly connect?: ConnectConfig;
  readonly cors?: CorsPolicyConfig;
  readonly retryPolicy?: RetryPolicyConfig;
  readonly hedgeOnPerTryTimeout?: boolean;
  readonly hashPolicies?: readonly HashPolicyConfig[];
  readonly metadataMatch?: { readonly [key: string]: unknown };
}

/** `internal_redirect_policy`, defaults applied. */
export interface InternalRedirectConfig {
  readonly maxRedirects: number;
  readonly codes: readonly number[];
  readonly allowCrossScheme: boolean;
  /** Lower case. */
  readonly headersToCopy: readonly string[];
  /** All must agree. */
  readonly predicates: readonly RedirectPredicateConfig[];
}

export type RedirectPredicateConfig =
  /** No route redirects to the same one twice for one request. */
  | { readonly kind: "previous_routes" }
  | { readonly kind: "allow_listed_routes"; readonly names: readonly string[] }
  /** Never from plaintext to TLS. */
  | { readonly kind: "safe_cross_scheme" };

export type ClusterChoiceConfig =
  | { readonly kind: "cluster"; readonly name: string }
  | { readonly kind: "header"; readonly header: string }
  /** The matcher gives the cluster's name. */
  | { readonly kind: "matcher"; readonly matcher: MatcherConfig<string> }
  /** An optional plugin that is not there: a request that gets here goes on to the next routes. */
  | { readonly kind: "nowhere" }
  | WeightedClustersConfig;

/** `weighted_clusters`: one of them for each request. */
export interface WeightedClustersConfig {
  readonly kind: "weighted";
  readonly clusters: readonly WeightedClusterConfig[];
  readonly totalWeight: number;
  /** `runtime_key_prefix`: a dot and a cluster's name after it make the key of its weight; left out: none. */
  readonly runtimeKeyPrefix?: string;
  /** The header with the value to choose by; empty: a random one. */
  readonly randomValueHeader: string;
  /** `use_hash_policy`: the request's hash is the value to choose by, where it has one. */
  readonly byHash?: true;
}

export interface WeightedClusterConfig extends ScopeConfig {
  /** Empty when it comes from `header`. */
  readonly name: string;
  /** Lower case; empty when there is a name. */
  readonly header: string;
  readonly weight: number;
  readonly hostRewriteLiteral?: string;
  readonly metadataMatch?: { readonly [key: string]: unknown };
}

export type HostRewriteConfig =
  | { readonly kind: "literal"; readonly value: string }
  | { readonly kind: "header"; readonly name: string }
  | { readonly kind: "path_regex"; readonly substitute: SubstituteConfig }
  | { readonly kind: "format"; readonly plan: TextPlan }
  | { readonly kind: "auto" };

export interface RedirectConfig {
  readonly kind: "redirect";
  readonly status: number;
  /** Empty: the request's. */
  readonly scheme: string;
  /** Empty: the request's. */
  readonly host: string;
  /** 0: none. */
  readonly port: number;
  /** Empty: the request's path. */
  readonly path: string;
  readonly pathRewrite?: PathRewriteConfig;
  /** Instead of `path`. */
  readonly pathFormat?: TextPlan;
  readonly stripQuery: boolean;
}

export interface DirectResponseConfig {
  readonly kind: "direct_response";
  readonly status: number;
  /** A byte string. */
  readonly body: string;
  /** What makes the body of `body`; the type is empty where that of a local reply is right. */
  readonly format?: { readonly plan: FormatPlan; readonly contentType: string };
}

/** `connect_config`. */
export interface ConnectConfig {
  /** The body of a POST goes to the host as it is, too. */
  readonly allowPost: boolean;
  /** The version of the PROXY protocol that tells the host who the client is; 0: it is not told. */
  readonly proxyProtocol: 0 | 1 | 2;
}
