import type { Cells } from "../incremental/cells.ts";
import type { OnDefect, Stage } from "../incremental/stage.ts";
import type { IrInfrastructure } from "../ir/infrastructure.ts";
import type { IrListener } from "../ir/listener.ts";
import type { IrRouteConfig } from "../ir/route.ts";
import type { IrSecret } from "../ir/secret.ts";
import type { ResourceStore } from "../resources/store.ts";
import { classStatuses } from "../status/class-status.ts";
import type { DataPlaneState } from "../status/data-plane-state.ts";
import { gatewayStatuses, listenerSetStatuses } from "../status/gateway-status.ts";
import type { ObjectStatus } from "../status/object-status.ts";
import { classStage } from "./classes/class-stage.ts";
import type { TranslatedClass } from "./classes/translated-class.ts";
import { gatewayStage, type GatewayStageOptions } from "./gateways/gateway-stage.ts";
import { infrastructureStage } from "./infrastructure/infrastructure-stage.ts";
import { Attachments } from "./listeners/attachments.ts";
import { listenerStage } from "./listeners/listener-stage.ts";
import { routeConfigStage } from "./listeners/route-config-stage.ts";
import { secretStage } from "./listeners/secret-stage.ts";
import type { ReferenceGrants } from "./references/reference-grants.ts";
import type { TranslatedGateway } from "./translated-gateway.ts";
import type { TranslatedRoute } from "./translated-route.ts";

/** What routes attach to, in the order in which it is computed. */
export interface GatewayStages {
  readonly classes: Stage<TranslatedClass>;
  readonly gateways: Stage<TranslatedGateway>;
}

/** The stages before those of routes. */
export function gatewayStages(
  store: ResourceStore,
  grants: ReferenceGrants,
  options: GatewayStageOptions = {},
): GatewayStages {
  const classes = classStage(store, options.onDefect);
  return { classes, gateways: gatewayStage({ store, grants }, classes, options) };
}

interface ListenerInputs extends GatewayStages {
  readonly store: ResourceStore;
  /** By `<kind>/<key>`. */
  readonly routes: Cells<TranslatedRoute>;
  readonly dataPlanes: Cells<DataPlaneState>;
  readonly onDefect?: OnDefect | undefined;
}

/** What becomes of Gateways once routes are attached; none of these stages reads another. */
export interface ListenerStages {
  readonly listeners: Stage<IrListener>;
  readonly routeConfigs: Stage<IrRouteConfig>;
  readonly secrets: Stage<IrSecret>;
  readonly infrastructure: Stage<IrInfrastructure>;
  readonly statuses: readonly Stage<ObjectStatus>[];
}

/** The stages behind those of routes. */
export function listenerStages(inputs: ListenerInputs): ListenerStages {
  const { store, classes, gateways, routes, dataPlanes, onDefect } = inputs;
  const attachments = new Attachments(routes);
  const known = { gateways, attachments, dataPlanes, onDefect };
  return {
    listeners: listenerStage(known),
    routeConfigs: routeConfigStage(gateways, onDefect),
    secrets: secretStage(store, gateways, onDefect),
    infrastructure: infrastructureStage({ store, classes, gateways, onDefect }),
    statuses: [
      classStatuses(classes, onDefect),
      gatewayStatuses(known),
      listenerSetStatuses(known),
    ],
  };
}
