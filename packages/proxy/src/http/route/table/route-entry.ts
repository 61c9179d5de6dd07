import type { HeaderMap } from "@nuncio/codec";
import type { FormatContext, Metadata, StreamInfo } from "../../../observe/stream-info.ts";
import type { CorsPolicyConfig } from "../../cors/model.ts";
import { buildHashPolicies, type HashPolicies } from "../../hash-policy/hash-policies.ts";
import { buildMirrorPolicies, type MirrorPolicy } from "../../mirror/mirror-policy.ts";
import { buildRetryPolicy, type RetryPolicy } from "../../retry/retry-policy.ts";
import type { TraceSamples } from "../../trace-samples.ts";
import type { GrpcTimeoutLimits, ResponseFormat, RouteEntry } from "../entry.ts";
import type {
  ConnectConfig,
  PathRewriteConfig,
  RouteActionConfig,
  RouteConfig,
  WeightedClusterConfig,
  InternalRedirectConfig,
} from "../model.ts";
import { buildHostRewrite, rewriteHost } from "./host-rewrite.ts";
import type { HostRewrite } from "./host-rewrite.ts";
import { buildPathRewrite, rewritePath } from "./path-rewrite.ts";
import type { PathRewrite } from "./path-rewrite.ts";
import { buildLocation, type Location } from "./redirect-location.ts";
import type { RequestStats } from "./request-stats.ts";
import { buildResponseFormat } from "./response-format.ts";
import { RouteScope } from "./route-scope.ts";
import { buildRouteStats, type RouteStats } from "./route-stats.ts";
import type { VirtualHost } from "./virtual-host.ts";

/** Envoy's, for what a route leaves out. */
const DEFAULTS = {
  clusterNotFoundStatus: 503,
  timeoutMs: 15_000,
  priority: "default",
  appendXForwardedHost: false,
  limitsStreams: false,
  internalRedirect: null,
  grpcTimeoutHeader: null,
  maxGrpcTimeout: null,
} as const;

/** One route, or one weighted cluster of a route, for all requests that it takes. */
export class CompiledRouteEntry implements RouteEntry {
  readonly kind: RouteEntry["kind"];
  readonly routeName: string;
  readonly virtualHostName: string;
  readonly metadata: Metadata | null;
  readonly virtualHostMetadata: Metadata | null;
  readonly traceSamples: TraceSamples | null;
  readonly clusterNotFoundStatus: number;
  readonly timeoutMs: number;
  readonly idleTimeoutMs: number | undefined;
  readonly flushTimeoutMs: number | undefined;
  readonly maxStreamDurationMs: number | undefined;
  readonly limitsStreams: boolean;
  readonly grpcTimeoutHeader: GrpcTimeoutLimits | null;
  readonly maxGrpcTimeout: GrpcTimeoutLimits | null;
  readonly priority: "default" | "high";
  readonly mirrorPolicies: readonly MirrorPolicy[] | null;
  readonly internalRedirect: InternalRedirectConfig | null;
  readonly retryPolicy: RetryPolicy | null;
  readonly hedgeOnPerTryTimeout: boolean;
  readonly setsRetryHeaders: boolean;
  readonly includeIsTimeoutRetry: boolean;
  readonly includeRequestAttemptCount: boolean;
  readonly includeAttemptCountInResponse: boolean;
  readonly autoHostRewrite: boolean;
  readonly appendXForwardedHost: boolean;
  readonly bufferLimitBytes: number | undefined;
  readonly bufferLimitCapBytes: number | undefined;
  readonly upgrades: ReadonlyMap<string, boolean> | null;
  readonly connect: ConnectConfig | null;
  readonly corsPolicies: readonly CorsPolicyConfig[];
  readonly hashPolicies: HashPolicies | null;
  readonly metadataMatch: { readonly [key: string]: unknown } | null;
  readonly responseStatus: number;
  readonly responseBody: string;
  readonly responseFormat: ResponseFormat | null;
  readonly #cluster: { readonly name: string; readonly header: string };
  readonly #weighted: WeightedClusterConfig | null;
  readonly #weightedScope: RouteScope | null;
  /** In the order in which edits are made, the weighted cluster's left out. */
  readonly #editScopes: readonly RouteScope[];
  /** Most specific first; those with filter configurations only. */
  readonly #filterScopes: readonly RouteScope[];
  readonly #stats: RouteStats | null;
  readonly #hostRewrite: HostRewrite | null;
  readonly #pathRewrite: PathRewrite | null;
  /** The answer's `location`; null for none. */
  readonly #location: Location | null;

  constructor(
    virtualHost: VirtualHost,
    route: RouteConfig,
    weighted: WeightedClusterConfig | null,
  ) {
    const { config, table, deps } = virtualHost;
    const { action } = route;
    const forward = { ...DEFAULTS, ...(action.kind === "route" ? action : NO_ROUTE) };
    this.kind = action.kind;
    this.routeName = route.name ?? "";
    this.virtualHostName = config.name;
    this.metadata = route.metadata ?? null;
    this.virtualHostMetadata = config.metadata ?? null;
    this.traceSamples = route.tracing ?? null;
    this.clusterNotFoundStatus = forward.clusterNotFoundStatus;
    this.timeoutMs = forward.timeoutMs;
    this.idleTimeoutMs = forward.idleTimeoutMs;
    this.flushTimeoutMs = forward.flushTimeoutMs;
    this.maxStreamDurationMs = forward.maxStreamDurationMs;
    this.limitsStreams = forward.limitsStreams;
    this.grpcTimeoutHeader = forward.grpcTimeoutHeader;
    this.maxGrpcTimeout = forward.maxGrpcTimeout;
    this.priority = forward.priority;
    this.internalRedirect = forward.internalRedirect;
    this.mirrorPolicies = mirrorPoliciesOf(forward, virtualHost);
    this.retryPolicy = retryPolicyOf(forward, virtualHost);
    this.hedgeOnPerTryTimeout = hedgesOf(forward, config);
    this.includeIsTimeoutRetry = config.includeIsTimeoutRetry === true;
    this.includeRequestAttemptCount = config.includeRequestAttemptCount;
    this.includeAttemptCountInResponse = config.includeAttemptCountInResponse;
    this.autoHostRewrite = forward.hostRewrite?.kind === "auto";
    this.appendXForwardedHost = forward.appendXForwardedHost;
    const limits = hasBufferLimit(route) ? route : config;
    this.bufferLimitBytes = limits.bufferLimitBytes;
    this.bufferLimitCapBytes = limits.bufferLimitCapBytes;
    this.upgrades = forward.upgrades === undefined ? null : new Map(forward.upgrades);
    this.connect = forward.connect ?? null;
    this.corsPolicies = corsPoliciesOf(forward.cors, config.cors);
    this.hashPolicies = buildHashPolicies(forward.hashPolicies);
    this.metadataMatch = mergeMetadata(forward.metadataMatch, weighted?.metadataMatch);
    const answer = answerOf(action);
    this.responseStatus = answer.status;
    this.responseBody = answer.body;
    this.#cluster = weighted ?? clusterOf(forward);
    this.#weighted = weighted;
    this.#weightedScope = weighted === null ? null : new RouteScope(weighted, deps);
    const levels = [new RouteScope(route, deps), virtualHost.scope, virtualHost.tableScope];
    this.#editScopes = table.mostSpecificHeaderMutationsWins ? levels.toReversed() : levels;
    const allLevels = this.#weightedScope === null ? levels : [this.#weightedScope, ...levels];
    this.#filterScopes = allLevels.filter((scope) => scope.hasFilterConfigs);
    this.setsRetryHeaders = allLevels.some((scope) => scope.setsRetryHeaders);
    this.#stats = buildRouteStats(virtualHost, route);
    this.#hostRewrite = buildHostRewrite(forward.hostRewrite, deps.worker);
    this.#pathRewrite = buildPathRewrite(answer.pathRewrite, route.match.path, deps.worker);
    this.#location = buildLocation(action, deps.worker);
    this.responseFormat = buildResponseFormat(action, deps.worker);
  }

  requestStats(headers: HeaderMap, info: StreamInfo): RequestStats | null {
    return this.#stats === null ? null : this.#stats.of(headers, info);
  }

  clusterName(headers: HeaderMap): string {
    const { name, header } = this.#cluster;
    if (header === "") return name;
    const value = headers.get(header) ?? "";
    // Cluster names are text, header values are bytes.
    return NOT_ASCII.test(value) ? Buffer.from(value, "latin1").toString("utf8") : value;
  }

  finalizeRequestHeaders(
    headers: HeaderMap,
    context: FormatContext,
    insertOriginals: boolean,
  ): void {
    this.#weightedScope?.requestEdits?.apply(headers, context);
    // Envoy replaces the Host here without a trace of the old one.
    const weightedHost = this.#weighted?.hostRewriteLiteral;
    if (weightedHost !== undefined) headers.authority = weightedHost;
    for (const scope of this.#editScopes) scope.requestEdits?.apply(headers, context);
    const host = this.#hostRewrite?.(headers, context) ?? null;
    if (host !== null) rewriteHost(headers, host, this.appendXForwardedHost, insertOriginals);
    this.rewritePath(headers, context, insertOriginals);
  }

  finalizeResponseHeaders(headers: HeaderMap, context: FormatContext): void {
    this.#weightedScope?.responseEdits?.apply(headers, context);
    for (const scope of this.#editScopes) scope.responseEdits?.apply(headers, context);
  }

  rewritePath(headers: HeaderMap, context: FormatContext, insertOriginalPath: boolean): void {
    const rewrite = this.#pathRewrite;
    if (rewrite !== null) rewritePath(headers, rewrite, context, insertOriginalPath);
  }

  location(headers: HeaderMap, context: FormatContext): string {
    // A CONNECT has no path that could be asked for elsewhere.
    if (this.#location === null || headers.path === "") return "";
    return this.#location(headers, context);
  }

  perFilterConfig(filterName: string, configType: string): unknown {
    for (const scope of this.#filterScopes) {
      if (scope.hasFilterConfig(filterName)) return scope.filterConfig(filterName, configType);
    }
    return null;
  }

  perFilterConfigs(filterName: string, configType: string): readonly unknown[] {
    if (this.#filterScopes.length === 0) return NONE;
    const configs = this.#filterScopes.map((scope) => scope.filterConfig(filterName, configType));
    return configs.filter((config) => config !== null).toReversed();
  }

  filterDisabled(filterName: string): boolean | undefined {
    for (const scope of this.#filterScopes) {
      const disabled = scope.filterDisabled(filterName);
      if (disabled !== undefined) return disabled;
    }
    return undefined;
  }
}

const NOT_ASCII = /[^\x00-\x7f]/;
const NONE: readonly unknown[] = [];
const NO_ROUTE: RouteActionConfig = { kind: "route", cluster: { kind: "cluster", name: "" } };

function clusterOf({ cluster }: Pick<RouteActionConfig, "cluster">): {
  readonly name: string;
  readonly header: string;
} {
  switch (cluster.kind) {
    case "cluster":
      return { name: cluster.name, header: "" };
    case "header":
      return { name: "", header: cluster.header };
    case "weighted":
    case "matcher":
    case "nowhere":
      // Its entries, if any, are made with one of the clusters.
      return { name: "", header: "" };
  }
}

function answerOf(action: RouteConfig["action"]): {
  readonly status: number;
  readonly body: string;
  readonly pathRewrite?: PathRewriteConfig | undefined;
} {
  switch (action.kind) {
    case "route":
      return { status: 0, body: "", pathRewrite: action.pathRewrite };
    case "redirect":
      return { status: action.status, body: "", pathRewrite: action.pathRewrite };
    case "direct_response":
      return { status: action.status, body: action.body };
  }
}

function mirrorPoliciesOf(
  { mirrorPolicies }: Pick<RouteActionConfig, "mirrorPolicies">,
  virtualHost: VirtualHost,
): readonly MirrorPolicy[] | null {
  return mirrorPolicies === undefined
    ? virtualHost.mirrorPolicies
    : buildMirrorPolicies(mirrorPolicies, virtualHost.deps.worker);
}

function retryPolicyOf(
  { retryPolicy }: Pick<RouteActionConfig, "retryPolicy">,
  virtualHost: VirtualHost,
): RetryPolicy | null {
  return retryPolicy === undefined ? virtualHost.retryPolicy : buildRetryPolicy(retryPolicy);
}

type Hedging = Pick<RouteActionConfig, "hedgeOnPerTryTimeout">;

function hedgesOf(route: Hedging, virtualHost: Hedging): boolean {
  return route.hedgeOnPerTryTimeout ?? virtualHost.hedgeOnPerTryTimeout ?? false;
}

function corsPoliciesOf(...policies: (CorsPolicyConfig | undefined)[]): CorsPolicyConfig[] {
  return policies.filter((policy) => policy !== undefined);
}

function hasBufferLimit(route: RouteConfig): boolean {
  return route.bufferLimitBytes !== undefined || route.bufferLimitCapBytes !== undefined;
}

type LbMetadata = { readonly [key: string]: unknown };

function mergeMetadata(
  base: LbMetadata | undefined,
  over: LbMetadata | undefined,
): LbMetadata | null {
  if (base === undefined || over === undefined) return over ?? base ?? null;
  return { ...base, ...over };
}
