import type { Cells } from "../incremental/cells.ts";
import type { AnyStage } from "../incremental/stage-order.ts";
import type { Stage } from "../incremental/stage.ts";
import type { IrInfrastructure } from "../ir/infrastructure.ts";
import type { IrListener } from "../ir/listener.ts";
import type { IrRouteConfig } from "../ir/route.ts";
import type { IrSecret } from "../ir/secret.ts";
import type { ResourceStore } from "../resources/store.ts";
import { classStatuses } from "../status/class-status.ts";
import type { DataPlaneState } from "../status/data-plane-state.ts";
import { gatewayStatuses, listenerSetStatuses } from "../status/gateway-status.ts";
import type { ObjectStatus } from "../status/object-status.ts";
import { addressStages, type GatewayAddresses } from "./addresses/address-stages.ts";
import { classStage } from "./classes/class-stage.ts";
import type { TranslatedClass } from "./classes/translated-class.ts";
import { gatewayStage } from "./gateways/gateway-stage.ts";
import type { GatewayLimits } from "./gateways/limits.ts";
import { infrastructureStage } from "./infrastructure/infrastructure-stage.ts";
import { Attachments } from "./listeners/attachments.ts";
import { listenerStage, type AnyAddress } from "./listeners/listener-stage.ts";
import { routeConfigStage } from "./listeners/route-config-stage.ts";
import { secretStage } from "./listeners/secret-stage.ts";
import { portStages } from "./ports/port-stages.ts";
import type { ReferenceGrants } from "./references/reference-grants.ts";
import type { TranslatedGateway } from "./translated-gateway.ts";
import type { TranslatedRoute } from "./translated-route.ts";

/** What routes attach to. */
export interface GatewayStages {
  /** All, in the order in which they are computed. */
  readonly order: readonly AnyStage[];
  readonly classes: Stage<TranslatedClass>;
  readonly gateways: Stage<TranslatedGateway>;
  readonly addresses: Stage<GatewayAddresses>;
}

interface GatewayInputs {
  readonly store: ResourceStore;
  readonly grants: ReferenceGrants;
  readonly limits?: GatewayLimits | undefined;
  /** Unless given: `shared`. */
  readonly network?: GatewayNetwork | undefined;
}

/** `shared`: Gateways listen at the addresses of one host. `own`: each is alone where it listens, as in a cluster. */
export type GatewayNetwork = "shared" | "own";

/** The stages before those of routes. */
export function gatewayStages({ store, grants, limits, network }: GatewayInputs): GatewayStages {
  const classes = classStage(store);
  const alone = gatewayStage({ store, grants }, classes, limits);
  const { addresses, order } = addressStages({ store, classes, gateways: alone });
  const before = [classes, alone, ...order];
  if (network === "own") return { order: before, classes, gateways: alone, addresses };
  const ports = portStages({ gateways: alone, addresses });
  return { order: [...before, ...ports.order], classes, gateways: ports.gateways, addresses };
}

interface ListenerInputs extends GatewayStages {
  readonly store: ResourceStore;
  /** By `<kind>/<key>`. */
  readonly routes: Cells<TranslatedRoute>;
  readonly dataPlanes: Cells<DataPlaneState>;
  readonly anyAddress?: AnyAddress | undefined;
  readonly limits?: GatewayLimits | undefined;
}

/** What becomes of Gateways once routes are attached. */
export interface ListenerStages {
  /** All, in the order in which they are computed. */
  readonly order: readonly AnyStage[];
  readonly listeners: Stage<IrListener>;
  readonly routeConfigs: Stage<IrRouteConfig>;
  readonly secrets: Stage<IrSecret>;
  readonly infrastructure: Stage<IrInfrastructure>;
  readonly statuses: readonly Stage<ObjectStatus>[];
}

/** The stages behind those of routes. */
export function listenerStages(inputs: ListenerInputs): ListenerStages {
  const { store, classes, gateways, addresses, routes, dataPlanes } = inputs;
  const attachments = new Attachments(routes);
  const known = { gateways, attachments, addresses, dataPlanes };
  const stages = {
    listeners: listenerStage({ ...known, anyAddress: inputs.anyAddress, limits: inputs.limits }),
    routeConfigs: routeConfigStage(gateways),
    secrets: secretStage(store, gateways),
    infrastructure: infrastructureStage({ store, classes, gateways, addresses }),
  };
  const statuses = [classStatuses(classes), gatewayStatuses(known), listenerSetStatuses(known)];
  const order = [...Object.values(stages), ...statuses];
  return { order, ...stages, statuses };
}
