import type { Cells } from "../../incremental/cells.ts";
import { Index } from "../../incremental/index-cells.ts";
import { Stage, type Read } from "../../incremental/stage.ts";
import type { IrListener } from "../../ir/listener.ts";
import type { GatewayAddresses } from "../addresses/address-stages.ts";
import type { TranslatedGateway, TranslatedListener } from "../translated-gateway.ts";
import type { Attachments } from "./attachments.ts";
import { filterChains, oldest } from "./filter-chains.ts";
import { listenerPieceName } from "./piece-names.ts";

/** Where nothing says which address. */
const ANY_ADDRESS = ["0.0.0.0"];

interface ListenerInputs {
  readonly gateways: Cells<TranslatedGateway>;
  readonly attachments: Attachments;
  readonly addresses: Cells<GatewayAddresses>;
}

/** A piece for each port of a Gateway. */
export function listenerStage({
  gateways,
  attachments,
  addresses,
}: ListenerInputs): Stage<IrListener> {
  const ports = new Index("listener pieces", gateways, ({ key, listeners }) =>
    listeners.filter(isServed).map((listener) => listenerPieceName(key, listener)),
  );
  return new Stage<IrListener>({
    name: "listeners",
    compute: (name, read) => {
      const [key] = read.one(ports, name) ?? [];
      const gateway = key === undefined ? undefined : read.one(gateways, key);
      if (gateway === undefined) return undefined;
      const { listenOn = ANY_ADDRESS } = read.one(addresses, gateway.key) ?? {};
      if (listenOn.length === 0) return undefined;
      return translateListener(read, attachments, { name, gateway, addresses: listenOn });
    },
  }).forEach(ports);
}

function isServed({ programmed }: TranslatedListener): boolean {
  return programmed;
}

interface Port {
  readonly name: string;
  readonly gateway: TranslatedGateway;
  readonly addresses: readonly string[];
}

function translateListener(
  read: Read,
  attachments: Attachments,
  { name, gateway, addresses }: Port,
): IrListener | undefined {
  const { key } = gateway;
  const listeners = gateway.listeners.filter(
    (listener) => isServed(listener) && listenerPieceName(key, listener) === name,
  );
  const [first] = listeners;
  if (first === undefined) return undefined;
  const shared = { name, gateway: key, addresses, port: first.port };
  if (first.protocol === "UDP")
    return {
      ...shared,
      protocol: "UDP",
      filterChains: [],
      udp: oldest(read, attachments, first.id),
    };
  return {
    ...shared,
    protocol: "TCP",
    filterChains: filterChains(read, attachments, listeners),
  };
}
