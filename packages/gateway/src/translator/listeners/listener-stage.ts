import type { Cells } from "../../incremental/cells.ts";
import { Index } from "../../incremental/index-cells.ts";
import { Stage, type Read } from "../../incremental/stage.ts";
import type { IrListener } from "../../ir/listener.ts";
import type { DataPlaneState } from "../../status/data-plane-state.ts";
import { listenAddresses } from "../gateways/addresses.ts";
import type { TranslatedGateway, TranslatedListener } from "../translated-gateway.ts";
import type { Attachments } from "./attachments.ts";
import { filterChains, oldest } from "./filter-chains.ts";
import { listenerPieceName } from "./piece-names.ts";

/** Where nothing says which address. */
const ANY_ADDRESS = ["0.0.0.0"];

interface ListenerInputs {
  readonly gateways: Cells<TranslatedGateway>;
  readonly attachments: Attachments;
  /** Says which addresses were found for Gateways that ask for none. */
  readonly dataPlanes: Cells<DataPlaneState>;
}

/** A piece for each port of a Gateway. */
export function listenerStage({
  gateways,
  attachments,
  dataPlanes,
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
      const addresses = boundAddresses(read, dataPlanes, gateway);
      if (addresses.length === 0) return undefined;
      return translateListener(read, attachments, { name, gateway, addresses });
    },
  }).forEach(ports);
}

function isServed({ programmed }: TranslatedListener): boolean {
  return programmed;
}

/** None: those that the Gateway asks for cannot be listened on. */
function boundAddresses(
  read: Read,
  dataPlanes: Cells<DataPlaneState>,
  { key, addresses }: TranslatedGateway,
): readonly string[] {
  return listenAddresses(addresses) ?? read.one(dataPlanes, key)?.assigned ?? ANY_ADDRESS;
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
