import type { HealthCheck } from "@nuncio/api/types/envoy/extensions/filters/http/health_check/v3/health_check_pb";
import { compareText } from "../../../base/compare-text.ts";
import { compileDuration } from "../../../config/durations.ts";
import { toByteString } from "../../../observe/format/byte-string.ts";
import { HEALTH_CHECK_FILTER_STATS } from "../../../observe/stats/tables/health-check-filter.ts";
import { compileHeaderMatcher } from "../../route/matchers/header-matcher.ts";
import type { HttpFilterConfigSide } from "../extension.ts";
import type { HealthCheckConfig } from "./model.ts";

const TYPE = "envoy.extensions.filters.http.health_check.v3.HealthCheck";

/** Main side of the filter that answers health checks. */
export const healthCheckConfigSide: HttpFilterConfigSide<HealthCheck, never, HealthCheckConfig> = {
  name: "envoy.filters.http.health_check",
  configType: TYPE,
  terminal: false,
  implemented: { [TYPE]: "all", "envoy.type.v3.Percent": "all" },
  compile(message, ctx, { statPrefix }) {
    const passThrough = message.passThroughMode ?? false;
    const timeMs = compileDuration(message, "cache_time", message.cacheTime, 0, ctx);
    if (!passThrough && timeMs > 0) {
      const text = "cache_time_ms must not be set when path_through_mode is disabled";
      ctx.problems.error(message, "cache_time", text);
    }
    return {
      scope: ctx.stats.scope(`${statPrefix}health_check.`, HEALTH_CHECK_FILTER_STATS),
      passThrough,
      headers: message.headers.map((matcher) => compileHeaderMatcher(matcher, ctx)),
      serviceCluster: toByteString(ctx.node.cluster),
      cache:
        timeMs > 0 ? { timeMs, cell: new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT) } : null,
      minHealthyPercents: Object.entries(message.clusterMinHealthyPercentages)
        .map(([cluster, { value }]) => [cluster, Math.floor(value)] as const)
        .toSorted(([a], [b]) => compareText(a, b)),
    };
  },
};
