import type { TcpProxy } from "@nuncio/api/types/envoy/extensions/filters/network/tcp_proxy/v3/tcp_proxy_pb";
import { typeUrlOf } from "@nuncio/xds";
import { checkConfigSource, checkNode } from "../../config/config-source.ts";
import type { CompileContext } from "../../config/context.ts";
import { compileDuration } from "../../config/durations.ts";
import { TCP_ON_DEMAND_STATS } from "../../observe/stats/tables/tcp-proxy.ts";
import type { TcpOnDemandConfig } from "./model.ts";

const TIMEOUT_MS = 60_000;

/** Fields of `on_demand` that do something; locators name collections of xdstp://. */
export const implemented = {
  "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy.OnDemand": ["odcds_config", "timeout"],
} as const;

/** `on_demand`; null when clusters that are not there are not asked for. */
export function compileOnDemand(
  { onDemand: message, statPrefix }: TcpProxy,
  ctx: CompileContext,
): TcpOnDemandConfig | null {
  const source = message?.odcdsConfig;
  // Without a source nobody is asked, as in Envoy.
  if (message === undefined || source === undefined) return null;
  checkNode(typeUrlOf("CDS"), message, undefined, ctx);
  checkConfigSource(source, ctx.problems);
  const target = ctx.onDemandClusters.of(source);
  ctx.targets.push(target);
  return {
    sourceId: target.id,
    timeoutMs: compileDuration(message, "timeout", message.timeout, TIMEOUT_MS, ctx),
    scope: ctx.stats.scope(`tcp.${statPrefix}.`, TCP_ON_DEMAND_STATS),
  };
}
