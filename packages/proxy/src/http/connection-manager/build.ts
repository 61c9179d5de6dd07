import type { NetworkServices } from "../../network/services.ts";
import type { HttpFilterHost, HttpFilterWorkerSide } from "../filters/extension.ts";
import { buildRouteTable } from "../route/table.ts";
import { ConnectionManager } from "./connection-manager.ts";
import type { HttpConnectionManagerConfig } from "./model.ts";

/** Worker side of the connection manager: route table and filters from plain data. */
export function buildConnectionManager(
  config: HttpConnectionManagerConfig,
  services: NetworkServices,
  filters: ReadonlyMap<string, HttpFilterWorkerSide>,
): ConnectionManager {
  const { worker } = services;
  const host: HttpFilterHost = { services, routerStatsBase: config.routerScope.base };
  const slots = config.filters.map(({ name, type, disabled, config: plain }) => ({
    name,
    disabled,
    factory: filters.get(type)!.build(plain as never, worker, host),
  }));
  const routeTable = buildRouteTable(config.routeTable, {
    worker,
    buildPerRoute: (type, plain) =>
      filters.get(type)?.buildPerRoute?.(plain as never, worker) ?? null,
  });
  return new ConnectionManager(config, services, routeTable, slots);
}
