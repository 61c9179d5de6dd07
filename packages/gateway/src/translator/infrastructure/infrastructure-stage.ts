import type { Gateway, NuncioProxy } from "#gen/resources";
import type { Cells } from "../../incremental/cells.ts";
import { Stage, type Read } from "../../incremental/stage.ts";
import type { IrInfrastructure, IrPort } from "../../ir/infrastructure.ts";
import { namespaceOf, objectKey, type ObjectKey } from "../../resources/object.ts";
import type { ResourceStore } from "../../resources/store.ts";
import type { TranslatedClass } from "../classes/translated-class.ts";
import { listenAddresses } from "../gateways/addresses.ts";
import { listenerPieceName } from "../listeners/piece-names.ts";
import type { TranslatedGateway } from "../translated-gateway.ts";

interface InfrastructureInputs {
  readonly store: ResourceStore;
  readonly classes: Cells<TranslatedClass>;
  readonly gateways: Cells<TranslatedGateway>;
}

/** What has to run for each Gateway that is accepted. */
export function infrastructureStage({
  store,
  classes,
  gateways,
}: InfrastructureInputs): Stage<IrInfrastructure> {
  return new Stage<IrInfrastructure>({
    name: "infrastructure",
    compute: (key, read) => {
      const gateway = read.one(gateways, key);
      const object = read.one(store.table<Gateway>("Gateway"), key);
      if (gateway?.accepted !== true || object === undefined) return undefined;
      const addresses = listenAddresses(gateway.addresses);
      // Those that it asks for cannot be had: others would be a surprise.
      if (addresses?.length === 0) return undefined;
      const { labels = {}, annotations = {} } = object.spec.infrastructure ?? {};
      return {
        gateway: key,
        gatewayClass: gateway.gatewayClass,
        dataPlane: "Nuncio",
        addresses: addresses ?? [],
        ports: ports(gateway),
        labels,
        annotations,
        ...parameters(read, store, read.one(classes, gateway.gatewayClass)?.parameters),
        ...parameters(read, store, ownParameters(object)),
      };
    },
  }).forEach(gateways);
}

/** Each value of the Gateway's own goes before that of its class. */
function parameters(
  read: Read,
  store: ResourceStore,
  key: ObjectKey | undefined,
): NonNullable<NuncioProxy["spec"]> {
  if (key === undefined) return {};
  const { spec = {} } = read.one(store.table<NuncioProxy>("NuncioProxy"), key) ?? {};
  return spec;
}

function ownParameters(gateway: Gateway): ObjectKey | undefined {
  const ref = gateway.spec.infrastructure?.parametersRef;
  return ref === undefined ? undefined : objectKey(namespaceOf(gateway), ref.name);
}

function ports({ key, listeners }: TranslatedGateway): IrPort[] {
  const byName = new Map<string, IrPort>();
  for (const listener of listeners) {
    if (!listener.programmed) continue;
    const name = listenerPieceName(key, listener).slice(key.length + 1);
    const protocol = listener.protocol === "UDP" ? "UDP" : "TCP";
    byName.set(name, { name, protocol, port: listener.port });
  }
  return [...byName.values()];
}
