import type { VirtualHost } from "@nuncio/api/types/envoy/config/route/v3/route_components_pb";
import type { RouteConfiguration } from "@nuncio/api/types/envoy/config/route/v3/route_pb";
import type { InitTarget } from "../../config/context.ts";
import type { ReceivedResource } from "../../config/subscriptions.ts";
import type { PostedVirtualHost, VirtualHostConfig } from "../../http/route/model.ts";
import { joinedRoutes, postedRoutes } from "../../http/route/posted-routes.ts";
import type { LiveParts } from "./live-parts.ts";
import { compileResource } from "./resource-compiler.ts";
import { compileVirtualHostOf } from "./route-compiler.ts";
import { routeFields, unchangedRoutes } from "./route-fields.ts";

/** With fewer routes, to read all of them again costs nothing. */
const COMPARED_ROUTES_MIN = 100;

type CompilerParts = Pick<LiveParts, "context" | "allowUnimplemented">;

/** A virtual host that came by itself. */
export interface CompiledHost {
  readonly resource: ReceivedResource;
  readonly config: VirtualHostConfig;
  /** The same for workers, which have the one before. */
  readonly posted: PostedVirtualHost;
  /** What its routes need from elsewhere. */
  readonly targets: readonly InitTarget[];
  /** What it was compiled with. */
  readonly base: CompiledWith;
}

interface CompiledWith {
  readonly routes: RouteConfiguration;
  /** `Runtime.generation` */
  readonly runtime: number;
}

/**
 * A virtual host of `routes` as plain data, or why it is refused.
 *
 * @param before what it takes the place of: of many routes, those with the same bytes are taken from there
 */
export function compileHost(
  resource: ReceivedResource,
  routes: RouteConfiguration,
  parts: CompilerParts,
  before?: CompiledHost,
): CompiledHost | { readonly error: string } {
  const changed = before && compileChange(resource, routes, parts, before);
  return changed ?? compileWhole(resource, routes, parts);
}

function compileWhole(
  resource: ReceivedResource,
  routes: RouteConfiguration,
  { context, allowUnimplemented }: CompilerParts,
): CompiledHost | { readonly error: string } {
  const targets: InitTarget[] = [];
  const compiled = compileResource<VirtualHost, VirtualHostConfig>(
    resource,
    { ...context, targets },
    allowUnimplemented,
    (message, ctx) => compileVirtualHostOf(routes, message, ctx),
  );
  if ("error" in compiled) return compiled;
  const { plain: config } = compiled;
  const base = { routes, runtime: context.runtime.generation };
  return { resource, config, posted: config, targets, base };
}

/**
 * Compiles the routes alone that are not as they were; null where all has to be compiled: what routes are compiled with is
 * another one, or something is wrong, for its place is to be told as it is in the whole.
 */
function compileChange(
  resource: ReceivedResource,
  routes: RouteConfiguration,
  parts: CompilerParts,
  before: CompiledHost,
): CompiledHost | null {
  if (before.config.routes.length < COMPARED_ROUTES_MIN || !isFixed(before, routes, parts))
    return null;
  const [old, now] = [routeFields(before.resource.value), routeFields(resource.value)];
  if (old === null || now === null || old.others.compare(now.others) !== 0) return null;
  if (old.starts.length !== before.config.routes.length) return null;
  const same = unchangedRoutes(old, now);
  const news = [...now.starts.keys()].filter((i) => same[i] === -1);
  const value = Buffer.concat([
    now.others,
    ...news.map((i) => now.value.subarray(now.starts[i], now.ends[i])),
  ]);
  const compiled = compileWhole({ ...resource, value: bytesOf(value) }, routes, parts);
  if ("error" in compiled) return null;
  const { config, targets, base } = compiled;
  if (targets.length > 0 || config.routes.length !== news.length) {
    for (const target of targets) target.release();
    return null;
  }
  const own = postedRoutes(same, config.routes);
  return {
    resource,
    config: { ...config, routes: joinedRoutes(own, before.config.routes) },
    posted: { ...config, before: before.config.domains[0]!, routes: own },
    targets,
    base,
  };
}

/** Whether an unchanged route of the host would be compiled to what it is. */
function isFixed(
  { base, targets }: CompiledHost,
  routes: RouteConfiguration,
  { context }: CompilerParts,
): boolean {
  return (
    base.routes === routes &&
    base.runtime === context.runtime.generation &&
    // Clusters come and go.
    routes.validateClusters !== true &&
    targets.length === 0
  );
}

/** Owners copy by `slice`, which of a Buffer is none. */
function bytesOf({ buffer, byteOffset, byteLength }: Buffer): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
