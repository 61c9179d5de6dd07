import type { Router } from "@nuncio/api/types/envoy/extensions/filters/http/router/v3/router_pb";
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
    ],
  },
  compile(router, ctx): RouterConfig {
    return {
      dynamicStats: router.dynamicStats ?? true,
      suppressEnvoyHeaders: router.suppressEnvoyHeaders,
      respectExpectedRqTimeout: router.respectExpectedRqTimeout,
      asyncClientScope: ctx.stats.scope("http.async-client.", ROUTER_STATS),
    };
  },
};
