import type { Cells } from "./incremental/cells.ts";
import { StageOrder } from "./incremental/stage-order.ts";
import type { OnDefect } from "./incremental/stage.ts";
import type { IrPieces } from "./ir/pieces.ts";
import type { ResourceStore } from "./resources/store.ts";
import { backendStatuses } from "./status/backend-status.ts";
import type { DataPlaneState } from "./status/data-plane-state.ts";
import type { ObjectStatus } from "./status/object-status.ts";
import { backendTlsPolicyStatuses } from "./status/policy-status.ts";
import { routeStatuses } from "./status/route-status.ts";
import { backendStages } from "./translator/backends/backend-stages.ts";
import type { PolicyWinner } from "./translator/backends/tls/policy-winners.ts";
import { gatewayStages, listenerStages, type GatewayNetwork } from "./translator/gateway-stages.ts";
import type { GatewayLimits } from "./translator/gateways/limits.ts";
import type { AnyAddress } from "./translator/listeners/listener-stage.ts";
import { ReferenceGrants } from "./translator/references/reference-grants.ts";
import { routeStages } from "./translator/routes/route-stages.ts";
import { xdsStages, type GatewayResource } from "./xds/xds-stages.ts";

/** What goes in from outside. */
export interface PipelineInputs {
  /** Providers put objects there. */
  readonly store: ResourceStore;
  /** Infrastructure and data planes say what became of what they were given. */
  readonly dataPlanes: Cells<DataPlaneState>;
  /** A computation threw: a defect of ours. The key keeps what it had. */
  readonly onDefect?: OnDefect;
  /** What one Gateway may have at most. */
  readonly limits?: GatewayLimits;
  readonly network?: GatewayNetwork;
  readonly anyAddress?: AnyAddress;
}

/** The whole way of an object, from what somebody wrote to what data planes are sent and to its status. */
export interface Pipeline {
  readonly order: StageOrder;
  readonly pieces: IrPieces;
  readonly statuses: readonly Cells<ObjectStatus>[];
  /** The BackendTLSPolicy that counts for a backend, or for one of its ports: by `targetKey`. */
  readonly policyWinners: Cells<PolicyWinner>;
  readonly resources: readonly Cells<GatewayResource>[];
}

/** All stages, in the order in which they are computed. */
export function pipeline({ store, dataPlanes, onDefect, ...given }: PipelineInputs): Pipeline {
  // Who may refer to what in another namespace.
  const grants = new ReferenceGrants(store);
  // Which Gateways are ours, where they listen, and what routes can attach to: ListenerSets are merged into them.
  const first = gatewayStages({ store, grants, ...given });
  const { gateways } = first;
  // Where each route is attached and what its rules are; then the virtual hosts that these rules are in.
  const routes = routeStages({ store, grants, gateways });
  // What the rules send requests to, and where that is.
  const backends = backendStages({ store, grants, gateways, routes: routes.routes });
  // Sockets, certificates, and what has to run; these want to know which routes are attached.
  const listeners = listenerStages({
    store,
    ...given,
    ...first,
    routes: routes.routes,
    dataPlanes,
  });
  const pieces: IrPieces = {
    listeners: listeners.listeners,
    routeConfigs: listeners.routeConfigs,
    virtualHosts: routes.virtualHosts,
    clusters: backends.clusters,
    endpoints: backends.endpoints,
    secrets: [listeners.secrets, backends.secrets],
    infrastructure: listeners.infrastructure,
  };
  // A resource of each piece.
  const resources = xdsStages(pieces);
  // What became of each object.
  const statuses = [
    routeStatuses(routes.routes),
    backendTlsPolicyStatuses({ store, ...backends }),
    backendStatuses({ store, grants }),
  ];
  const stages = [
    ...first.order,
    ...routes.order,
    ...backends.order,
    ...listeners.order,
    ...statuses,
    ...resources,
  ];
  const order = new StageOrder(stages, onDefect);
  return {
    order,
    pieces,
    statuses: [...listeners.statuses, ...statuses],
    policyWinners: backends.winners,
    resources,
  };
}
