import type {
  Cors,
  CorsPolicy,
} from "@nuncio/api/types/envoy/extensions/filters/http/cors/v3/cors_pb";
import { CORS_STATS } from "../../../observe/stats/tables/cors.ts";
import { compileCorsPolicy } from "../../cors/compile.ts";
import type { CorsPolicyConfig } from "../../cors/model.ts";
import type { HttpFilterConfigSide } from "../extension.ts";
import type { CorsConfig } from "./model.ts";

const PACKAGE = "envoy.extensions.filters.http.cors.v3";

/** Main side of the CORS filter. */
export const corsConfigSide: HttpFilterConfigSide<Cors, CorsPolicy, CorsConfig, CorsPolicyConfig> =
  {
    name: "envoy.filters.http.cors",
    configType: `${PACKAGE}.Cors`,
    perRouteType: `${PACKAGE}.CorsPolicy`,
    terminal: false,
    implemented: { [`${PACKAGE}.Cors`]: "all", [`${PACKAGE}.CorsPolicy`]: "all" },
    compile: (_message, ctx, { statPrefix }) => ({
      scope: ctx.stats.scope(`${statPrefix}cors.`, CORS_STATS),
    }),
    compilePerRoute: (message, ctx) => compileCorsPolicy(message, message.filterEnabled, ctx),
  };
