import type { HttpConnectionManager } from "@nuncio/api/types/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb";
import { compileCidrRanges } from "../../config/cidr.ts";
import type { CompileContext } from "../../config/context.ts";
import type { ListenerScope } from "../../network/extension.ts";
import { compileAccessLogs } from "../../observe/access-log/compile.ts";
import { HCM_STATS } from "../../observe/stats/tables/http-connection-manager.ts";
import { HTTP1_STATS } from "../../observe/stats/tables/http1.ts";
import { LISTENER_HTTP_STATS } from "../../observe/stats/tables/listener.ts";
import { ROUTER_STATS } from "../../observe/stats/tables/router.ts";
import type { HttpFilterRegistry } from "../filters/extension.ts";
import { compileRouteConfiguration } from "../route/compile.ts";
import {
  compileAccessLogOptions,
  implemented as accessLogOptionsImplemented,
} from "./access-log-options.ts";
import { compileHttpFilters } from "./http-filters-config.ts";
import { compileHttp1Options } from "./http1-config.ts";
import { compileLocalReply, implemented as localReplyImplemented } from "./local-reply-config.ts";
import type { HttpConnectionManagerConfig } from "./model.ts";
import { compileTimeouts } from "./timeouts-config.ts";

export const HCM_TYPE =
  "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";

/** Fields of the connection manager that do something. */
export const implemented = {
  [HCM_TYPE]: [
    "codec_type",
    "stat_prefix",
    "route_config",
    "http_filters",
    "add_user_agent",
    "common_http_protocol_options",
    "http_protocol_options",
    "server_name",
    "server_header_transformation",
    "scheme_header_transformation",
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
    "use_remote_address",
    "xff_num_trusted_hops",
    "internal_address_config",
    "skip_xff_append",
    "via",
    "generate_request_id",
    "preserve_external_request_id",
    "always_set_request_id_in_response",
    "forward_client_cert_details",
    "normalize_path",
    "merge_slashes",
    "path_with_escaped_slashes_action",
    "strip_matching_host_port",
    "strip_any_host_port",
    "strip_trailing_host_dot",
    "append_x_forwarded_port",
    "proxy_100_continue",
  ],
  ...localReplyImplemented,
  ...accessLogOptionsImplemented,
  [`${HCM_TYPE}.InternalAddressConfig`]: ["cidr_ranges"],
  "envoy.config.core.v3.SchemeHeaderTransformation": ["scheme_to_overwrite"],
  "envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter": [
    "name",
    "typed_config",
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
  "envoy.config.core.v3.Http1ProtocolOptions": [
    "allow_absolute_url",
    "accept_http_10",
    "default_host_for_http_10",
    "header_key_format",
    "enable_trailers",
    "allow_chunked_length",
    "allow_custom_methods",
  ],
  "envoy.config.core.v3.Http1ProtocolOptions.HeaderKeyFormat": ["proper_case_words"],
  "envoy.config.core.v3.Http1ProtocolOptions.HeaderKeyFormat.ProperCaseWords": "all",
} as const;

const SERVER_HEADER = ["overwrite", "append_if_absent", "pass_through"] as const;

/** By number; the first is Envoy's default, which is to keep them. */
const ESCAPED_SLASHES = ["keep", "keep", "reject", "redirect", "forward"] as const;

/** The connection manager as plain data. */
export function compileHttpConnectionManager(
  hcm: HttpConnectionManager,
  ctx: CompileContext,
  listener: ListenerScope,
  filters: HttpFilterRegistry,
): HttpConnectionManagerConfig {
  checkChoices(hcm, ctx);
  const prefix = `http.${hcm.statPrefix.replaceAll(":", "_")}.`;
  const scheme = hcm.schemeHeaderTransformation?.transformation;
  return {
    scope: ctx.stats.scope(prefix, HCM_STATS),
    routerScope: ctx.stats.scope(prefix, ROUTER_STATS),
    listenerScope: ctx.stats.scope(`${listener.statPrefix}${prefix}`, LISTENER_HTTP_STATS),
    http1Scope: ctx.stats.scope("http1.", HTTP1_STATS),
    http1: compileHttp1Options(hcm, ctx),
    routeTable: compileRoutes(hcm, ctx, filters),
    filters: compileHttpFilters(hcm, ctx, filters),
    accessLogs: compileAccessLogs(hcm.accessLog, ctx, ctx.matchers),
    localReply: compileLocalReply(hcm.localReplyConfig, ctx),
    serverName: hcm.serverName || "envoy",
    serverHeaderTransformation: SERVER_HEADER[hcm.serverHeaderTransformation],
    via: hcm.via,
    useRemoteAddress: hcm.useRemoteAddress ?? false,
    xffNumTrustedHops: hcm.xffNumTrustedHops,
    skipXffAppend: hcm.skipXffAppend,
    appendXForwardedPort: hcm.appendXForwardedPort,
    internalAddressRanges: compileCidrRanges(hcm.internalAddressConfig?.cidrRanges ?? [], ctx),
    schemeOverwrite: scheme?.case === "schemeToOverwrite" ? scheme.value : "",
    addUserAgent: hcm.addUserAgent ?? false,
    serviceCluster: ctx.node.cluster,
    serviceNode: ctx.node.id,
    proxy100Continue: hcm.proxy100Continue,
    generateRequestId: hcm.generateRequestId ?? true,
    preserveExternalRequestId: hcm.preserveExternalRequestId,
    alwaysSetRequestIdInResponse: hcm.alwaysSetRequestIdInResponse,
    normalizePath: hcm.normalizePath ?? false,
    mergeSlashes: hcm.mergeSlashes,
    escapedSlashesAction: ESCAPED_SLASHES[hcm.pathWithEscapedSlashesAction],
    stripMatchingHostPort: hcm.stripMatchingHostPort,
    stripAnyHostPort: hcm.stripPortMode.value ?? false,
    stripTrailingHostDot: hcm.stripTrailingHostDot,
    ...compileTimeouts(hcm, ctx),
    ...compileAccessLogOptions(hcm, ctx),
    maxRequestsPerConnection: hcm.commonHttpProtocolOptions?.maxRequestsPerConnection ?? 0,
  };
}

const CODEC_HTTP2 = 2;
const SANITIZE = 0;

/** Values of implemented fields that are not implemented. */
function checkChoices(hcm: HttpConnectionManager, ctx: CompileContext): void {
  if (hcm.codecType >= CODEC_HTTP2) {
    ctx.problems.error(
      hcm,
      "codec_type",
      `not implemented yet: codec_type ${["", "", "HTTP2", "HTTP3"][hcm.codecType]}`,
    );
  }
  if (hcm.forwardClientCertDetails !== SANITIZE) {
    ctx.problems.error(
      hcm,
      "forward_client_cert_details",
      "not implemented yet: anything but SANITIZE",
    );
  }
  if (hcm.stripMatchingHostPort && hcm.stripPortMode.value === true) {
    const text = "`strip_matching_host_port` and `strip_any_host_port` are mutually exclusive";
    ctx.problems.error(hcm, "strip_any_host_port", text);
  }
}

function compileRoutes(
  hcm: HttpConnectionManager,
  ctx: CompileContext,
  filters: HttpFilterRegistry,
): HttpConnectionManagerConfig["routeTable"] {
  if (hcm.routeSpecifier.case !== "routeConfig") {
    return compileRouteConfiguration(null, ctx, filters);
  }
  return compileRouteConfiguration(hcm.routeSpecifier.value, ctx, filters);
}
