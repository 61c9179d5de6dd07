import type { HttpConnectionManager } from "@nuncio/api/types/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb";
import type { CompileContext } from "../../config/context.ts";
import { implemented as headerKeyFormatImplemented } from "../../config/header-key-format.ts";
import { compileHttp2, implemented as http2Implemented } from "../../http2/config.ts";
import type { ListenerScope } from "../../network/extension.ts";
import { compileAccessLogs } from "../../observe/access-log/compile.ts";
import type { AccessLogConfig } from "../../observe/access-log/model.ts";
import { mentionsCommand } from "../../observe/format/mentions-command.ts";
import {
  HCM_STATS,
  ROUTE_RESOLUTION_STATS,
} from "../../observe/stats/tables/http-connection-manager.ts";
import { HTTP1_STATS } from "../../observe/stats/tables/http1.ts";
import { LISTENER_HTTP_STATS } from "../../observe/stats/tables/listener.ts";
import { ROUTER_STATS } from "../../observe/stats/tables/router.ts";
import type { HttpFilterRegistry } from "../filters/extension.ts";
import { compileRouteConfiguration } from "../route/compile.ts";
import { compileRds, implemented as rdsImplemented } from "../route/rds/config.ts";
import {
  compileScopedRoutes,
  implemented as scopedRoutesImplemented,
} from "../route/scoped/compile.ts";
import { compileVhds, implemented as vhdsImplemented } from "../route/vhds.ts";
import {
  compileAccessLogOptions,
  implemented as accessLogOptionsImplemented,
} from "./access-log-options.ts";
import {
  compileHeaderRules,
  HEADER_RULE_FIELDS,
  implemented as headerRulesImplemented,
} from "./header-rules-config.ts";
import { compileHttpFilters } from "./http-filters-config.ts";
import { compileHttp1Options, compileIgnoredUpgrades } from "./http1/config.ts";
import { compileLocalReply, implemented as localReplyImplemented } from "./local-reply-config.ts";
import type { HttpConnectionManagerConfig } from "./model.ts";
import { DEFAULT_REQUEST_LIMITS } from "./request-limits.ts";
import { compileTimeouts } from "./timeouts-config.ts";
import { compileUpgrades } from "./upgrade-config.ts";

export const HCM_TYPE =
  "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";

/** Fields of the connection manager that do something. */
export const implemented = {
  [HCM_TYPE]: [
    "codec_type",
    "stream_error_on_invalid_http_message",
    "record_route_resolution_stats",
    "http2_protocol_options",
    "stat_prefix",
    "route_config",
    "rds",
    "scoped_routes",
    "http_filters",
    "common_http_protocol_options",
    "http_protocol_options",
    "max_request_headers_kb",
    "stream_idle_timeout",
    "request_timeout",
    "request_headers_timeout",
    "stream_flush_timeout",
    "drain_timeout",
    "drain_timeout_jitter",
    "http1_safe_max_connection_duration",
    "delayed_close_timeout",
    "access_log",
    "access_log_flush_interval",
    "flush_access_log_on_new_request",
    "access_log_options",
    "local_reply_config",
    "proxy_100_continue",
    "upgrade_configs",
    ...HEADER_RULE_FIELDS,
  ],
  ...headerRulesImplemented,
  ...localReplyImplemented,
  ...accessLogOptionsImplemented,
  ...rdsImplemented,
  ...scopedRoutesImplemented,
  ...vhdsImplemented,
  [`${HCM_TYPE}.UpgradeConfig`]: ["upgrade_type", "filters", "enabled"],
  "envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter": [
    "name",
    "typed_config",
    "config_discovery",
    "is_optional",
    "disabled",
  ],
  "envoy.config.core.v3.HttpProtocolOptions": [
    "idle_timeout",
    "max_connection_duration",
    "max_connection_duration_jitter",
    "max_headers_count",
    "max_stream_duration",
    "headers_with_underscores_action",
    "max_requests_per_connection",
  ],
  ...http2Implemented,
  "envoy.config.core.v3.Http1ProtocolOptions": [
    "override_stream_error_on_invalid_http_message",
    // Which of Envoy's two parsers reads requests; there is one here.
    "use_balsa_parser",
    "allow_absolute_url",
    "accept_http_10",
    "default_host_for_http_10",
    "header_key_format",
    "enable_trailers",
    "allow_chunked_length",
    "allow_custom_methods",
    "ignore_http_11_upgrade",
  ],
  ...headerKeyFormatImplemented,
} as const;

/** The connection manager as plain data. */
export function compileHttpConnectionManager(
  hcm: HttpConnectionManager,
  ctx: CompileContext,
  listener: ListenerScope,
  filters: HttpFilterRegistry,
): HttpConnectionManagerConfig {
  checkChoices(hcm, ctx);
  const prefix = `http.${hcm.statPrefix.replaceAll(":", "_")}.`;
  const filterScope = { statPrefix: prefix };
  const http1 = compileHttp1Options(hcm, ctx);
  const accessLogs = compileAccessLogs(hcm.accessLog, ctx, ctx.matchers);
  return {
    scope: ctx.stats.scope(prefix, HCM_STATS),
    routerScope: ctx.stats.scope(prefix, ROUTER_STATS),
    listenerScope: ctx.stats.scope(`${listener.statPrefix}${prefix}`, LISTENER_HTTP_STATS),
    http1Scope: ctx.stats.scope("http1.", HTTP1_STATS),
    http1,
    http2: compileHttp2(
      hcm.http2ProtocolOptions,
      {
        maxHeadersKb: http1.maxHeadersKb,
        maxHeadersCount: http1.maxHeadersCount,
        headersWithUnderscoresAction: http1.headersWithUnderscoresAction,
        streamBufferLimitBytes: listener.perConnectionBufferLimitBytes,
      },
      hcm.streamErrorOnInvalidHttpMessage ?? false,
      "http2.",
      ctx,
    ),
    codecType: CODECS[hcm.codecType] ?? "auto",
    ...compileRoutes(hcm, prefix, ctx, filters),
    filters: compileHttpFilters(hcm.httpFilters, "http", ctx, filters, filterScope),
    upgrades: compileUpgrades(hcm, ctx, filters, filterScope),
    ignoredUpgrades: compileIgnoredUpgrades(hcm, ctx),
    accessLogs,
    localReply: compileLocalReply(hcm.localReplyConfig, ctx),
    ...compileHeaderRules(hcm, ctx),
    proxy100Continue: hcm.proxy100Continue,
    streamErrorOnInvalidMessage:
      hcm.httpProtocolOptions?.overrideStreamErrorOnInvalidHttpMessage ??
      hcm.streamErrorOnInvalidHttpMessage ??
      false,
    routeResolutionScope: hcm.recordRouteResolutionStats
      ? ctx.stats.scope(prefix, ROUTE_RESOLUTION_STATS)
      : null,
    timeRouteResolution: hcm.recordRouteResolutionStats || mentionsRouteResolutionTime(accessLogs),
    ...compileTimeouts(hcm, ctx),
    ...compileAccessLogOptions(hcm, ctx),
    maxRequestsPerConnection: hcm.commonHttpProtocolOptions?.maxRequestsPerConnection || Infinity,
    requestLimits: DEFAULT_REQUEST_LIMITS,
  };
}

/** Clocks are read for those only who look at the result. */
function mentionsRouteResolutionTime(logs: readonly AccessLogConfig[]): boolean {
  return logs.some(
    (log) => log.kind === "lines" && mentionsCommand(log.format, "ROUTE_RESOLUTION_TIME_US"),
  );
}

/** By number. */
const CODECS: readonly (HttpConnectionManagerConfig["codecType"] | undefined)[] = [
  "auto",
  "http1",
  "http2",
];

/** What the fields say together, and values of implemented fields that are not implemented. */
function checkChoices(hcm: HttpConnectionManager, ctx: CompileContext): void {
  if (hcm.httpFilters.length === 0) {
    const text = "without any HTTP filter no request is ever answered";
    ctx.problems.warning(hcm, "http_filters", text);
  }
  if (hcm.commonHttpProtocolOptions?.maxResponseHeadersKb !== undefined) {
    const text = "Error: max_response_headers_kb cannot be set on http_connection_manager.";
    ctx.problems.error(hcm.commonHttpProtocolOptions, "max_response_headers_kb", text);
  }
  checkFieldSize(hcm, ctx);
  if (CODECS[hcm.codecType] === undefined)
    ctx.problems.error(hcm, "codec_type", "not implemented yet: codec_type HTTP3");
}

function checkFieldSize(hcm: HttpConnectionManager, ctx: CompileContext): void {
  const { http2ProtocolOptions: http2, maxRequestHeadersKb: allKb = DEFAULT_HEADERS_KB } = hcm;
  const fieldKb = http2?.maxHeaderFieldSizeKb ?? 0;
  if (fieldKb <= allKb) return;
  const field = "max_header_field_size_kb";
  const text = `${field} must not exceed max_request_headers_kb, got ${fieldKb} and ${allKb}`;
  ctx.problems.error(http2!, field, text);
}

const DEFAULT_HEADERS_KB = 60;

function compileRoutes(
  hcm: HttpConnectionManager,
  statPrefix: string,
  ctx: CompileContext,
  filters: HttpFilterRegistry,
): Pick<HttpConnectionManagerConfig, "routeTable" | "routeConfigId" | "scopedRoutes"> {
  const { routeSpecifier: specifier } = hcm;
  const inline = specifier.case === "routeConfig" ? specifier.value : null;
  const routeTable = compileRouteConfiguration(inline, ctx, filters);
  return {
    routeTable,
    routeConfigId:
      specifier.case === "rds"
        ? compileRds(specifier.value, statPrefix, ctx)
        : compileVhds(inline, routeTable, ctx),
    scopedRoutes:
      specifier.case === "scopedRoutes"
        ? compileScopedRoutes(specifier.value, statPrefix, ctx, filters)
        : null,
  };
}
