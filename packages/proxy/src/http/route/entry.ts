import type { HeaderMap } from "@nuncio/codec";
import type { Formatter } from "../../observe/format/formatter.ts";
import type { FormatContext, Metadata, StreamInfo } from "../../observe/stream-info.ts";
import type { CorsPolicyConfig } from "../cors/model.ts";
import type { HashPolicies } from "../hash-policy/hash-policies.ts";
import type { MirrorPolicy } from "../mirror/mirror-policy.ts";
import type { RetryPolicy } from "../retry/retry-policy.ts";
import type { TraceSamples } from "../trace-samples.ts";
import type { ConnectConfig, InternalRedirectConfig } from "./model.ts";
import type { RequestStats } from "./table/request-stats.ts";

/**
 * What a request was matched to: a route with its virtual host and route table, and, with weighted clusters, the
 * choice that was drawn. Immutable, one object for all requests of the same match; the connection manager, the
 * router and the filters read it.
 */
export interface RouteEntry {
  /** `redirect` and `direct_response` answer from here, `route` goes to a cluster. */
  readonly kind: "route" | "redirect" | "direct_response";
  /** `Route.name`; empty when it has none. */
  readonly routeName: string;
  readonly virtualHostName: string;
  /** `Route.metadata.filter_metadata` as JSON; null when the route has none. */
  readonly metadata: Metadata | null;
  /** `VirtualHost.metadata.filter_metadata`, likewise. */
  readonly virtualHostMetadata: Metadata | null;
  /** Which requests are traced, instead of what the connection manager says; null: as it says. */
  readonly traceSamples: TraceSamples | null;

  // Kind "route".

  /** What counts the request beside its cluster; null for nothing. Notes the virtual cluster's name in `info`. */
  requestStats(headers: HeaderMap, info: StreamInfo): RequestStats | null;
  /**
   * The cluster to go to; a weighted choice is part of the entry already. With `cluster_header` it is read from
   * the request, and empty when the header is absent. Empty for the other kinds.
   */
  clusterName(headers: HeaderMap): string;
  /** The status of the local reply when that cluster does not exist: 503 by default. */
  readonly clusterNotFoundStatus: number;
  /**
   * From the end of the request to the end of the response, retries included. 0: none. Default 15,000; always 0
   * beside `max_stream_duration`.
   */
  readonly timeoutMs: number;
  /** Overrides the connection manager's `stream_idle_timeout`; 0 turns it off; undefined leaves it. */
  readonly idleTimeoutMs: number | undefined;
  /** Of a response that a window of the client's holds back. 0: none. */
  readonly flushTimeoutMs: number | undefined;
  /** Overrides the connection manager's `max_stream_duration`; 0 turns it off; undefined leaves it. */
  readonly maxStreamDurationMs: number | undefined;
  /** The route says something about the life of streams (`max_stream_duration`), be it nothing. */
  readonly limitsStreams: boolean;
  /** How `grpc-timeout` limits the life of a stream (`max_stream_duration`); null: not at all. */
  readonly grpcTimeoutHeader: GrpcTimeoutLimits | null;
  /** How `grpc-timeout` takes the place of `timeoutMs` for gRPC requests (`max_grpc_timeout`); null: not at all. */
  readonly maxGrpcTimeout: GrpcTimeoutLimits | null;
  readonly priority: "default" | "high";
  /** Which redirects of the upstream are followed here; null for none. */
  readonly internalRedirect: InternalRedirectConfig | null;
  /** Where requests go to as well, unless their cluster says; null for nowhere. */
  readonly mirrorPolicies: readonly MirrorPolicy[] | null;
  /** When a request is sent once more, unless its cluster says; null: only when its sender asks for that. */
  readonly retryPolicy: RetryPolicy | null;
  /** An attempt whose time is up goes on, beside a further one. */
  readonly hedgeOnPerTryTimeout: boolean;
  /** The edits of the request may set a header that asks for retries. */
  readonly setsRetryHeaders: boolean;
  /** Add `x-envoy-is-timeout-retry` to retries. */
  readonly includeIsTimeoutRetry: boolean;
  /** Add `x-envoy-attempt-count` to the upstream request. */
  readonly includeRequestAttemptCount: boolean;
  /** Add `x-envoy-attempt-count` to the response. */
  readonly includeAttemptCountInResponse: boolean;
  /** Replace the Host of the upstream request by the chosen host's name, once it is known. */
  readonly autoHostRewrite: boolean;
  /** Set `x-forwarded-host` when the Host is rewritten (`finalizeRequestHeaders` does; auto host rewrite must). */
  readonly appendXForwardedHost: boolean;
  /** The most bytes that may be buffered for a request here; undefined: the listener's limit. */
  readonly bufferLimitBytes: number | undefined;
  /** Lowers the listener's limit, and never raises it; undefined where `bufferLimitBytes` is set, too. */
  readonly bufferLimitCapBytes: number | undefined;
  /** Protocols by lower-case name (`connect` for CONNECT), allowed or not whatever the connection manager says. */
  readonly upgrades: ReadonlyMap<string, boolean> | null;
  /** A CONNECT ends here, and its bytes go to a host as they are. Null: CONNECT is forwarded. */
  readonly connect: ConnectConfig | null;
  /** The `cors` of the route, then of its virtual host; those that there are. */
  readonly corsPolicies: readonly CorsPolicyConfig[];
  /** What a request's hash is made of, unless its cluster says; null for nothing. */
  readonly hashPolicies: HashPolicies | null;
  /** `metadata_match["envoy.lb"]`, that of a weighted choice merged over the route's; null when there is none. */
  readonly metadataMatch: { readonly [key: string]: unknown } | null;

  /**
   * Readies the request for the upstream: header edits (weighted cluster, route, virtual host, table: in Envoy's
   * order), then Host and path rewrites with `x-envoy-original-host` and `x-envoy-original-path` (only with
   * `insertOriginals`, the opposite of the router's `suppress_envoy_headers`) and `x-forwarded-host`.
   */
  finalizeRequestHeaders(
    headers: HeaderMap,
    context: FormatContext,
    insertOriginals: boolean,
  ): void;
  /** The header edits of the response; for every kind. */
  finalizeResponseHeaders(headers: HeaderMap, context: FormatContext): void;

  // Kinds "redirect" and "direct_response".

  /** The status of the answer; 0 for kind "route". */
  readonly responseStatus: number;
  /** The body of a direct response, a byte string; empty otherwise. */
  readonly responseBody: string;
  /** What makes the body of a direct response of it; null for nothing. */
  readonly responseFormat: ResponseFormat | null;
  /**
   * Kind "redirect": rewrites `:path` by the redirect's prefix or regex rewrite. Called before `location`, which
   * uses the path as it then is; the access log sees the new path and `x-envoy-original-path`, as with Envoy.
   */
  rewritePath(headers: HeaderMap, context: FormatContext, insertOriginalPath: boolean): void;
  /**
   * The value of the answer's `location` header; empty for none. A direct response with status 201 or 3xx has one, too:
   * Envoy gives the request's own URL.
   */
  location(headers: HeaderMap, context: FormatContext): string;

  // typed_per_filter_config, by the filter's name in the connection manager.

  /** The most specific configuration as its filter built it; null when there is none, or it is of another type of filter. */
  perFilterConfig(filterName: string, configType: string): unknown;
  /** All of them that are of that type, least specific (route table) to most specific (weighted cluster). */
  perFilterConfigs(filterName: string, configType: string): readonly unknown[];
  /** Whether `FilterConfig.disabled` switches the filter off or (false) on here; undefined: nothing is said. */
  filterDisabled(filterName: string): boolean | undefined;
}

/** What a route makes of `grpc-timeout`. */
export interface GrpcTimeoutLimits {
  /** 0: the header is trusted. */
  readonly maxMs: number;
  /** Subtracted from the header. */
  readonly offsetMs: number;
}

/** `body_format` of a direct response. */
export interface ResponseFormat {
  readonly formatter: Formatter;
  /** Empty where that of a local reply is right. */
  readonly contentType: string;
}
