import type { Cells } from "../../incremental/cells.ts";
import { Index } from "../../incremental/index-cells.ts";
import type { AnyStage } from "../../incremental/stage-order.ts";
import type { IrVirtualHost } from "../../ir/route.ts";
import type { BackendSources } from "../backends/backend-references.ts";
import { nameSlicesByOwner } from "../backends/slices.ts";
import type { TranslatedGateway } from "../translated-gateway.ts";
import type { TranslatedRoute } from "../translated-route.ts";
import { domainIndexes } from "../virtual-hosts/domain-indexes.ts";
import { virtualHosts } from "../virtual-hosts/virtual-hosts.ts";
import { attachableGateways, type AttachableGateway } from "./attachable-gateways.ts";
import { kindConflicts, lostListeners } from "./kind-conflicts.ts";
import { routeClaims } from "./route-claims.ts";
import { translatedRoutes } from "./routes.ts";

/** What routes become. */
export interface RouteStages {
  /** In the order in which they are computed. */
  readonly order: readonly AnyStage[];
  /** By `HTTPRoute/<namespace>/<name>`. */
  readonly routes: Cells<TranslatedRoute>;
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
    nameSlices: nameSlicesByOwner(store),
    claims,
    lost: lostListeners(conflicts),
    passthrough: passthroughListeners(gateways),
  });
  const hosts = virtualHosts({ gateways, indexes: domainIndexes(routes) });
  const order = [gateways, claims, conflicts, routes, hosts];
  return { order, routes, virtualHosts: hosts };
}

function passthroughListeners(gateways: Cells<AttachableGateway>): Index<AttachableGateway> {
  return new Index("passthrough listeners", gateways, ({ listeners }) =>
    listeners.filter(({ tlsMode }) => tlsMode === "Passthrough").map(({ id }) => id),
  );
}
