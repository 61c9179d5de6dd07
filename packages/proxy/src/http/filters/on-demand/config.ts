import type {
  OnDemand,
  OnDemandCds,
  PerRouteConfig,
} from "@nuncio/api/types/envoy/extensions/filters/http/on_demand/v3/on_demand_pb";
import { typeUrlOf } from "@nuncio/xds";
import { checkConfigSource, checkNode } from "../../../config/config-source.ts";
import type { CompileContext } from "../../../config/context.ts";
import { compileDuration } from "../../../config/durations.ts";
import type { HttpFilterConfigSide } from "../extension.ts";
import type { OnDemandClustersConfig, OnDemandConfig } from "./model.ts";

const PACKAGE = "envoy.extensions.filters.http.on_demand.v3";
const TIMEOUT_MS = 5000;

/** Main side of the on_demand filter. */
export const onDemandConfigSide: HttpFilterConfigSide<
  OnDemand,
  PerRouteConfig,
  OnDemandConfig,
  OnDemandConfig
> = {
  name: "envoy.filters.http.on_demand",
  configType: `${PACKAGE}.OnDemand`,
  perRouteType: `${PACKAGE}.PerRouteConfig`,
  terminal: false,
  implemented: {
    [`${PACKAGE}.OnDemand`]: "all",
    [`${PACKAGE}.PerRouteConfig`]: "all",
    // Locators name collections of xdstp://.
    [`${PACKAGE}.OnDemandCds`]: ["source", "timeout"],
  },
  compile: ({ odcds }, ctx) => ({ odcds: compileOdcds(odcds, ctx) }),
  compilePerRoute: ({ odcds }, ctx) => ({ odcds: compileOdcds(odcds, ctx) }),
};

function compileOdcds(
  message: OnDemandCds | undefined,
  ctx: CompileContext,
): OnDemandClustersConfig | null {
  if (message === undefined) return null;
  const { source } = message;
  checkNode(typeUrlOf("CDS"), message, undefined, ctx);
  if (source === undefined) {
    const text = "Missing config source specifier in envoy::config::core::v3::ConfigSource";
    ctx.problems.error(message, "source", text);
    return null;
  }
  checkConfigSource(source, ctx.problems);
  const target = ctx.onDemandClusters.of(source);
  ctx.targets.push(target);
  return {
    sourceId: target.id,
    timeoutMs: compileDuration(message, "timeout", message.timeout, TIMEOUT_MS, ctx),
  };
}
