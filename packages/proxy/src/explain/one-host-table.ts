import type { WorkerContext } from "../base/worker-context.ts";
import type { RouteConfig, RouteTableConfig, VirtualHostConfig } from "../http/route/model.ts";
import { NO_ROUTES } from "../http/route/no-routes.ts";
import { buildRouteTable, type RouteTable } from "../http/route/table.ts";
import type { Runtime } from "../runtime/snapshot.ts";

/** A table as workers build it, of these routes alone, for every host; with the rules of `table` about paths. */
export function oneHostTable(
  table: RouteTableConfig,
  routes: readonly RouteConfig[],
  runtime: Runtime,
): RouteTable {
  const config = { ...NO_ROUTES, ...pathRules(table), virtualHosts: [{ ...ANY_HOST, routes }] };
  // Nothing but routes is asked of such a table.
  const worker = { nowMs: () => 0, wallMs: () => 0, runtime } as WorkerContext;
  return buildRouteTable(config, { worker, buildPerRoute: () => null });
}

function pathRules({
  ignorePathParameters,
}: RouteTableConfig): Pick<RouteTableConfig, "ignorePathParameters"> {
  return { ignorePathParameters };
}

const ANY_HOST: VirtualHostConfig = {
  name: "",
  domains: ["*"],
  requireTls: "none",
  includeRequestAttemptCount: false,
  includeAttemptCountInResponse: false,
  routes: [],
};
