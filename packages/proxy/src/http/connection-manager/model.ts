import type { Http1Options } from "@nuncio/codec";
import type { CidrConfig } from "../../base/cidr.ts";
import type { AccessLogConfig, AccessLogFilterConfig } from "../../observe/access-log/model.ts";
import type { FormatPlan } from "../../observe/format/plan.ts";
import type { ScopeSlots } from "../../observe/stats/definition.ts";
import type { HeaderMutationsConfig } from "../header-mutations/model.ts";
import type { RouteTableConfig } from "../route/model.ts";

/** An HTTP connection manager as main posts it to the workers: plain data, defaults applied. 0 ms means never. */
export interface HttpConnectionManagerConfig {
  readonly scope: ScopeSlots;
  /** The same prefix, the names of the router. */
  readonly routerScope: ScopeSlots;
  /** `listener.<address>.http.<prefix>.`. */
  readonly listenerScope: ScopeSlots;
  /** `http1.`. */
  readonly http1Scope: ScopeSlots;
  readonly http1: Http1Options;
  readonly routeTable: RouteTableConfig;
  readonly filters: readonly HttpFilterConfig[];
  readonly accessLogs: readonly AccessLogConfig[];
  readonly localReply: LocalReplyConfig | null;

  readonly serverName: string;
  readonly serverHeaderTransformation: "overwrite" | "append_if_absent" | "pass_through";
  readonly via: string;
  readonly useRemoteAddress: boolean;
  readonly xffNumTrustedHops: number;
  readonly skipXffAppend: boolean;
  readonly appendXForwardedPort: boolean;
  /** `internal_address_config.cidr_ranges`; since Envoy 1.33 nothing is internal by default. */
  readonly internalAddressRanges: readonly CidrConfig[];
  /** `scheme_header_transformation`: empty leaves it. */
  readonly schemeOverwrite: string;
  readonly addUserAgent: boolean;
  /** What x-envoy-downstream-service-cluster and -node say with `add_user_agent`. */
  readonly serviceCluster: string;
  readonly serviceNode: string;
  readonly proxy100Continue: boolean;
  readonly generateRequestId: boolean;
  readonly preserveExternalRequestId: boolean;
  readonly alwaysSetRequestIdInResponse: boolean;
  readonly normalizePath: boolean;
  readonly mergeSlashes: boolean;
  /** `path_with_escaped_slashes_action`: what to do with `%2F` and `%5C` in a path. */
  readonly escapedSlashesAction: "keep" | "reject" | "redirect" | "forward";
  readonly stripMatchingHostPort: boolean;
  readonly stripAnyHostPort: boolean;
  readonly stripTrailingHostDot: boolean;

  /** A connection without a request. Envoy's default is 1 h. */
  readonly idleTimeoutMs: number;
  /** A stream on which nothing moves. 5 min. */
  readonly streamIdleTimeoutMs: number;
  /** Until the whole request is received. Off. */
  readonly requestTimeoutMs: number;
  /** Until the head is received. Off. */
  readonly requestHeadersTimeoutMs: number;
  /** 5 s. */
  readonly drainTimeoutMs: number;
  /** 0 to 100: by up to how much of itself each connection's drain is longer. */
  readonly drainTimeoutJitterPercent: number;
  /** How long a closed connection is kept for the peer to read the last reply. 1 s. */
  readonly delayedCloseTimeoutMs: number;
  readonly maxConnectionDurationMs: number;
  /** 0 to 100. */
  readonly maxConnectionDurationJitterPercent: number;
  /** After `max_connection_duration` wait for one more request, to say goodbye with its response. */
  readonly safeMaxConnectionDuration: boolean;
  readonly maxStreamDurationMs: number;
  /** 0: no limit. */
  readonly maxRequestsPerConnection: number;
  /** `access_log_flush_interval`: a line (`DownstreamPeriodic`) so often while a request is under way. Off. */
  readonly logIntervalMs: number;
  /** A line (`DownstreamStart`) when a request's route is chosen. */
  readonly logOnNewRequest: boolean;
  /** A line (`DownstreamTunnelSuccessfullyEstablished`) when an upgrade or CONNECT succeeded. */
  readonly logOnTunnel: boolean;
}

/** `local_reply_config`: how replies that are made here are changed. */
export interface LocalReplyConfig {
  readonly mappers: readonly LocalReplyMapperConfig[];
  /** Of replies whose mapper has none of its own. */
  readonly format: LocalReplyFormat | null;
}

/** Changes a reply that its filter matches; the first that does is the only one. */
export interface LocalReplyMapperConfig {
  readonly filter: AccessLogFilterConfig;
  /** 0 keeps it. */
  readonly status: number;
  /** A byte string. */
  readonly body: string | null;
  readonly headers: HeaderMutationsConfig | null;
  readonly format: LocalReplyFormat | null;
}

export interface LocalReplyFormat {
  readonly plan: FormatPlan;
  readonly contentType: string;
}

/** One HTTP filter of a chain. */
export interface HttpFilterConfig {
  /** The name that `typed_per_filter_config` uses as key. */
  readonly name: string;
  /** Message type name. */
  readonly type: string;
  readonly disabled: boolean;
  readonly config: unknown;
}
