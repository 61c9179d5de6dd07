import type { Http1Options } from "@nuncio/codec";
import type { Http2Config } from "../../http2/model.ts";
import type { AccessLogConfig, AccessLogFilterConfig } from "../../observe/access-log/model.ts";
import type { FormatPlan } from "../../observe/format/plan.ts";
import type { ScopeSlots } from "../../observe/stats/definition.ts";
import type { HeaderMutationsConfig } from "../header-mutations/model.ts";
import type { StringMatcherConfig } from "../route/matchers/string-matcher.ts";
import type { RouteTableConfig } from "../route/model.ts";
import type { ScopedRoutesConfig } from "../route/scoped/model.ts";
import type { HeaderRulesConfig } from "./header-rules-model.ts";
import type { RequestLimits } from "./request-limits.ts";

/** An HTTP connection manager as main posts it to the workers: plain data, defaults applied. 0 ms means never. */
export interface HttpConnectionManagerConfig extends HeaderRulesConfig {
  readonly scope: ScopeSlots;
  /** The same prefix, the names of the router. */
  readonly routerScope: ScopeSlots;
  /** `listener.<address>.http.<prefix>.`. */
  readonly listenerScope: ScopeSlots;
  /** `http1.`. */
  readonly http1Scope: ScopeSlots;
  readonly http1: Http1Options;
  readonly http2: Http2Config;
  readonly codecType: "auto" | "http1" | "http2";
  /** Without routes where there are scopes, or RDS. */
  readonly routeTable: RouteTableConfig;
  /** The number of the table that comes by RDS; null when none does. */
  readonly routeConfigId: number | null;
  readonly scopedRoutes: ScopedRoutesConfig | null;
  readonly filters: readonly HttpFilterConfig[];
  readonly upgrades: readonly UpgradeConfig[];
  /** `ignore_http_11_upgrade`; any of them makes a token of `upgrade` count for nothing. */
  readonly ignoredUpgrades: readonly StringMatcherConfig[];
  readonly accessLogs: readonly AccessLogConfig[];
  readonly localReply: LocalReplyConfig | null;

  readonly proxy100Continue: boolean;
  /** A local reply of 400 does not cost the connection. */
  readonly streamErrorOnInvalidMessage: boolean;
  /** `record_route_resolution_stats`: where its histograms are; null when they are not kept. */
  readonly routeResolutionScope: ScopeSlots | null;
  /** Measure how long each stream's route was looked for: for those histograms, or for a log. */
  readonly timeRouteResolution: boolean;

  /** A connection without a request. Envoy's default is 1 h. */
  readonly idleTimeoutMs: number;
  /** A stream on which nothing moves. 5 min. */
  readonly streamIdleTimeoutMs: number;
  /** A response that is complete but for what a window of the client's holds back. As the one above. */
  readonly streamFlushTimeoutMs: number;
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
  /** Infinity: no limit. */
  readonly maxRequestsPerConnection: number;
  readonly requestLimits: RequestLimits;
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

/** One of `upgrade_configs`. */
export interface UpgradeConfig {
  /** Lower case; `connect` is for CONNECT. */
  readonly type: string;
  /** Unless the route says otherwise. */
  readonly enabled: boolean;
  /** Null for those of the connection manager. */
  readonly filters: readonly HttpFilterConfig[] | null;
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
