import type { Gateway } from "#gen/resources";
import type { Cells } from "../../incremental/cells.ts";
import { Stage } from "../../incremental/stage.ts";
import type { IrInfrastructure, IrPort } from "../../ir/infrastructure.ts";
import type { ResourceStore } from "../../resources/store.ts";
import type { GatewayAddresses } from "../addresses/address-stages.ts";
import type { TranslatedClass } from "../classes/translated-class.ts";
import { portName } from "../listeners/piece-names.ts";
import type { TranslatedGateway } from "../translated-gateway.ts";
import { gatewayParameters } from "./gateway-parameters.ts";

interface InfrastructureInputs {
  readonly store: ResourceStore;
  readonly classes: Cells<TranslatedClass>;
  readonly gateways: Cells<TranslatedGateway>;
  readonly addresses: Cells<GatewayAddresses>;
}

/** What has to run for each Gateway that is accepted. */
export function infrastructureStage({
  store,
  classes,
  gateways,
  addresses,
}: InfrastructureInputs): Stage<IrInfrastructure> {
  return new Stage<IrInfrastructure>({
    name: "infrastructure",
    compute: (key, read) => {
      const gateway = read.one(gateways, key);
      const object = read.one(store.table<Gateway>("Gateway"), key);
      if (gateway?.accepted !== true || object === undefined) return undefined;
      const { listenOn } = read.one(addresses, key) ?? {};
      // Those that it wants cannot be had: others would be a surprise.
      if (listenOn?.length === 0) return undefined;
      const { addressPool: _, ...parameters } = gatewayParameters(read, { store, classes }, object);
      const { labels = {}, annotations = {} } = object.spec.infrastructure ?? {};
      return {
        gateway: key,
        gatewayClass: gateway.gatewayClass,
        addresses: listenOn ?? [],
        ports: ports(gateway),
        labels,
        annotations,
        ...parameters,
      };
    },
  }).forEach(gateways);
}

function ports({ listeners }: TranslatedGateway): IrPort[] {
  const byName = new Map<string, IrPort>();
  for (const listener of listeners) {
    if (!listener.programmed) continue;
    const name = portName(listener);
    const protocol = listener.protocol === "UDP" ? "UDP" : "TCP";
    byName.set(name, { name, protocol, port: listener.port });
  }
  return [...byName.values()];
}
