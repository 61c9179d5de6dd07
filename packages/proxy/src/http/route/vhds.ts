import type { RouteConfiguration } from "@nuncio/api/types/envoy/config/route/v3/route_pb";
import { readConfigSource } from "@nuncio/xds";
import { checkConfigSource } from "../../config/config-source.ts";
import type { CompileContext } from "../../config/context.ts";
import type { RouteTableConfig } from "./model.ts";

/** Fields of `vhds` that do something. */
export const implemented = { "envoy.config.route.v3.Vhds": "all" } as const;

/** The source of virtual hosts that come by themselves. They are sent one by one: there is a protocol for that. */
export function checkVhds({ vhds }: RouteConfiguration, ctx: CompileContext): void {
  const source = vhds?.configSource;
  if (source === undefined) return;
  const { problems } = ctx;
  const errorsBefore = problems.list.length;
  checkConfigSource(source, problems);
  if (problems.list.length > errorsBefore) return;
  const { source: where } = readConfigSource(source);
  if (where.kind === "ads") {
    const text = "vhds: ADS must use DELTA_GRPC api_type when used as VHDS config source.";
    if (!ctx.adsIsDelta) problems.error(source, undefined, text);
  } else if (where.kind !== "grpc" || !where.isDelta) {
    const text =
      "vhds: only 'DELTA_GRPC' or 'ADS' (which uses Delta xDS) is supported as a config source.";
    problems.error(source, undefined, text);
  }
}

/** Routes of a connection manager: the number under which workers have them when virtual hosts come by themselves. */
export function compileVhds(
  message: RouteConfiguration | null,
  table: RouteTableConfig,
  ctx: CompileContext,
): number | null {
  if (message?.vhds === undefined) return null;
  checkVhds(message, ctx);
  const target = ctx.routeConfigs.withVirtualHosts(message, table);
  ctx.targets.push(target);
  return target.id;
}

/** Nobody follows virtual hosts yet for routes that are part of a scope. */
export function refuseVhds({ vhds }: RouteConfiguration, { problems }: CompileContext): void {
  const text = "not implemented yet: vhds of routes that are part of a scope";
  if (vhds !== undefined) problems.error(vhds, undefined, text);
}
