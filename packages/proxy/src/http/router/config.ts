import type {
  Router,
  Router_UpstreamAccessLogOptions,
} from "@nuncio/api/types/envoy/extensions/filters/http/router/v3/router_pb";
import type { CompileContext } from "../../config/context.ts";
import { compileDuration } from "../../config/durations.ts";
import { compileAccessLogs } from "../../observe/access-log/compile.ts";
import { ROUTER_STATS } from "../../observe/stats/tables/router.ts";
import type { HttpFilterConfigSide } from "../filters/extension.ts";
import type { RouterConfig } from "./model.ts";

/** Main side of the router filter. */
export const routerConfigSide: HttpFilterConfigSide<Router, never, RouterConfig> = {
  name: "envoy.filters.http.router",
  configType: "envoy.extensions.filters.http.router.v3.Router",
  terminal: true,
  implemented: {
    "envoy.extensions.filters.http.router.v3.Router": [
      "dynamic_stats",
      "suppress_envoy_headers",
      "respect_expected_rq_timeout",
      "strict_check_headers",
      "suppress_grpc_request_failure_code_stats",
      "upstream_log",
      "upstream_log_options",
      // About CONNECT requests whose data comes before they are answered, which HTTP/1 never passes on.
      "reject_connect_request_early_data",
    ],
    "envoy.extensions.filters.http.router.v3.Router.UpstreamAccessLogOptions": "all",
  },
  compile(router, ctx): RouterConfig {
    return {
      dynamicStats: router.dynamicStats ?? true,
      suppressEnvoyHeaders: router.suppressEnvoyHeaders,
      respectExpectedRqTimeout: router.respectExpectedRqTimeout,
      strictCheckHeaders: router.strictCheckHeaders.length === 0 ? null : router.strictCheckHeaders,
      suppressGrpcRequestFailureCodeStats: router.suppressGrpcRequestFailureCodeStats,
      upstreamLogs: compileAccessLogs(router.upstreamLog, ctx, ctx.matchers),
      ...compileLogOptions(router.upstreamLogOptions, ctx),
      asyncClientScope: ctx.stats.scope("http.async-client.", ROUTER_STATS),
    };
  },
};

function compileLogOptions(
  options: Router_UpstreamAccessLogOptions | undefined,
  ctx: CompileContext,
): Pick<RouterConfig, "logsUpstreamConnections" | "upstreamLogIntervalMs"> {
  if (options === undefined) return { logsUpstreamConnections: false, upstreamLogIntervalMs: 0 };
  const upstreamLogIntervalMs = compileDuration(
    options,
    "upstream_log_flush_interval",
    options.upstreamLogFlushInterval,
    0,
    ctx,
  );
  return {
    logsUpstreamConnections: options.flushUpstreamLogOnUpstreamStream,
    upstreamLogIntervalMs,
  };
}
