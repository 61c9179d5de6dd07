import type { NetworkServices } from "../../network/services.ts";
import type { HttpFilterHost, HttpFilterWorkerSide } from "../filters/extension.ts";
import { inlineScopes, ScopedRouteTable } from "../route/scoped/scoped-route-table.ts";
import { buildRouteTable, type RouteTable } from "../route/table.ts";
import type { RouteTableDeps } from "../route/table/deps.ts";
import { ConnectionManager, type FilterSlot } from "./connection-manager.ts";
import type { HttpConnectionManagerConfig, HttpFilterConfig } from "./model.ts";

/** Worker side of the connection manager: route table and filters from plain data. */
export function buildConnectionManager(
  config: HttpConnectionManagerConfig,
  services: NetworkServices,
  filters: ReadonlyMap<string, HttpFilterWorkerSide>,
): ConnectionManager {
  const { worker } = services;
  const host: HttpFilterHost = { services, routerStatsBase: config.routerScope.base };
  const buildSlots = (chain: readonly HttpFilterConfig[]): FilterSlot[] =>
    chain.map(({ name, type, disabled, config: plain }) => ({
      name,
      disabled,
      factory: filters.get(type)!.build(plain as never, worker, host),
    }));
  const upgrades = config.upgrades.map(({ type, enabled, filters: chain }) => ({
    type,
    enabled,
    filters: chain === null ? null : buildSlots(chain),
  }));
  const deps: RouteTableDeps = {
    worker,
    buildPerRoute: (type, plain) =>
      filters.get(type)?.buildPerRoute?.(plain as never, worker) ?? null,
  };
  const routeTable = routeTableOf(config, services, deps);
  return new ConnectionManager(config, services, routeTable, buildSlots(config.filters), upgrades);
}

function routeTableOf(
  { routeTable, routeConfigId, scopedRoutes }: HttpConnectionManagerConfig,
  services: NetworkServices,
  deps: RouteTableDeps,
): RouteTable {
  if (routeConfigId !== null) return services.routeConfigs.table(routeConfigId, deps);
  if (scopedRoutes === null) return buildRouteTable(routeTable, deps);
  const { extractors, scopes, scopesId } = scopedRoutes;
  const tables =
    scopesId === null ? inlineScopes(scopes, deps) : services.scopedRoutes.scopes(scopesId, deps);
  return new ScopedRouteTable(extractors, tables);
}
