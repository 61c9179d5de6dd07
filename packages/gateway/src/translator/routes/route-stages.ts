import type { Cells } from "../../incremental/cells.ts";
import { Index } from "../../incremental/index-cells.ts";
import type { Stage } from "../../incremental/stage.ts";
import type { IrRouteConfig, IrVirtualHost } from "../../ir/route.ts";
import type { BackendSources } from "../backends/backend-references.ts";
import type { TranslatedGateway } from "../translated-gateway.ts";
import type { TranslatedRoute } from "../translated-route.ts";
import { routeIndexes, type RouteIndexes } from "../virtual-hosts/route-indexes.ts";
import { routeConfigs, virtualHosts } from "../virtual-hosts/virtual-hosts.ts";
import { attachableGateways, type AttachableGateway } from "./attachable-gateways.ts";
import { kindConflicts, lostListeners } from "./kind-conflicts.ts";
import { routeClaims } from "./route-claims.ts";
import { translatedRoutes } from "./routes.ts";

/** What routes become. */
export interface RouteStages {
  /** In the order in which they are computed. */
  readonly order: readonly Pick<Stage<never>, "name" | "computed" | "isSettled" | "run">[];
  /** By `HTTPRoute/<namespace>/<name>`. */
  readonly routes: Cells<TranslatedRoute>;
  readonly indexes: RouteIndexes;
  readonly routeConfigs: Cells<IrRouteConfig>;
  readonly virtualHosts: Cells<IrVirtualHost>;
}

/** All stages from route objects to virtual hosts. */
export function routeStages(
  sources: BackendSources & { readonly gateways: Cells<TranslatedGateway> },
): RouteStages {
  const { store } = sources;
  const gateways = attachableGateways(sources.gateways);
  const claims = routeClaims({ store, gateways });
  const conflicts = kindConflicts(claims);
  const routes = translatedRoutes({
    ...sources,
    claims,
    lost: lostListeners(conflicts),
    passthrough: passthroughListeners(gateways),
  });
  const indexes = routeIndexes(routes);
  const configs = routeConfigs(gateways);
  const hosts = virtualHosts({ gateways, routes, indexes });
  const order = [gateways, claims, conflicts, routes, configs, hosts];
  return { order, routes, indexes, routeConfigs: configs, virtualHosts: hosts };
}

function passthroughListeners(gateways: Cells<AttachableGateway>): Index<AttachableGateway> {
  return new Index("passthrough listeners", gateways, ({ listeners }) =>
    listeners.filter(({ tlsMode }) => tlsMode === "Passthrough").map(({ id }) => id),
  );
}
