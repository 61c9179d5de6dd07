import { DISCOVERED, type DiscoveredConfig } from "../extension/model.ts";
import { HCM_TYPE } from "../http/connection-manager/config.ts";
import type { HttpConnectionManagerConfig } from "../http/connection-manager/model.ts";
import type { RouteTableConfig } from "../http/route/model.ts";
import { NO_ROUTES } from "../http/route/no-routes.ts";
import { BETWEEN } from "../http/route/scoped/scope-key.ts";
import type { FilterChainConfig, ListenerConfig } from "../listener/model.ts";
import type { CompiledBootstrap } from "./compile-bootstrap.ts";

/** Where what comes from elsewhere is found. Routes that nothing has are left open: who asks for them is told so. */
type Elsewhere = Pick<CompiledBootstrap, "extensionConfigs"> &
  Partial<Pick<CompiledBootstrap, "routeConfigs" | "scopedRoutes">>;

/** A listener with the routes and filters that have come from elsewhere, as if they were configured. */
export function resolvedListener(listener: ListenerConfig, elsewhere: Elsewhere): ListenerConfig {
  const { filterChains, defaultFilterChain, listenerFilters } = listener;
  const inChain = (chain: FilterChainConfig): FilterChainConfig => ({
    ...chain,
    filters: resolvedFilters(chain.filters, elsewhere).map((filter) =>
      filter.type === HCM_TYPE
        ? {
            ...filter,
            config: resolvedManager(filter.config as HttpConnectionManagerConfig, elsewhere),
          }
        : filter,
    ),
  });
  return {
    ...listener,
    listenerFilters: resolvedFilters(listenerFilters, elsewhere),
    filterChains: filterChains.map(inChain),
    defaultFilterChain: defaultFilterChain === null ? null : inChain(defaultFilterChain),
  };
}

function resolvedManager(
  config: HttpConnectionManagerConfig,
  elsewhere: Elsewhere,
): HttpConnectionManagerConfig {
  return {
    ...config,
    ...resolvedRoutes(config, elsewhere),
    filters: resolvedFilters(config.filters, elsewhere),
    upgrades: config.upgrades.map((upgrade) =>
      upgrade.filters === null
        ? upgrade
        : { ...upgrade, filters: resolvedFilters(upgrade.filters, elsewhere) },
    ),
  };
}

function resolvedRoutes(
  config: HttpConnectionManagerConfig,
  { routeConfigs, scopedRoutes }: Elsewhere,
): Partial<HttpConnectionManagerConfig> {
  if (routeConfigs === undefined || scopedRoutes === undefined) return {};
  const tableOf = (id: number): RouteTableConfig => routeConfigs.tableOf(id) ?? NO_ROUTES;
  if (config.routeConfigId !== null)
    return { routeTable: tableOf(config.routeConfigId), routeConfigId: null };
  const { scopesId = null, extractors = [] } = config.scopedRoutes ?? {};
  if (scopesId === null) return {};
  const scopes = scopedRoutes.scopesOf(scopesId).map(({ key, table }) => ({
    key: key.split(BETWEEN),
    table: typeof table === "number" ? tableOf(table) : table,
  }));
  return { scopedRoutes: { extractors, scopes, scopesId: null } };
}

/** One that has not come stays what it is. */
function resolvedFilters<Filter extends { readonly type: string; readonly config: unknown }>(
  filters: readonly Filter[],
  { extensionConfigs }: Elsewhere,
): readonly Filter[] {
  return filters.map((filter) => {
    if (filter.type !== DISCOVERED) return filter;
    return { ...filter, ...extensionConfigs.configOf((filter.config as DiscoveredConfig).id) };
  });
}
