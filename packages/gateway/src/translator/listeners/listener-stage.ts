import type { Cells } from "../../incremental/cells.ts";
import { Index } from "../../incremental/index-cells.ts";
import { Stage, type Read } from "../../incremental/stage.ts";
import type { IrListener } from "../../ir/listener.ts";
import type { GatewayAddresses } from "../addresses/address-stages.ts";
import { DEFAULT_GATEWAY_LIMITS, type GatewayLimits } from "../gateways/limits.ts";
import type { TranslatedGateway, TranslatedListener } from "../translated-gateway.ts";
import type { Attachments } from "./attachments.ts";
import { filterChains, oldest } from "./filter-chains.ts";
import { listenerPieceName } from "./piece-names.ts";
import { withRetiredFilters } from "./retired-filters.ts";

/** What stands for all addresses of a host: of both families, or of IPv4 where there is no IPv6. */
export type AnyAddress = "::" | "0.0.0.0";

interface ListenerInputs {
  readonly gateways: Cells<TranslatedGateway>;
  readonly attachments: Attachments;
  readonly addresses: Cells<GatewayAddresses>;
  /** Where Gateways listen that ask for no address; unless given at those of both families. */
  readonly anyAddress?: AnyAddress | undefined;
  readonly limits?: GatewayLimits | undefined;
}

/** A piece for each port of a Gateway. */
export function listenerStage({
  gateways,
  attachments,
  addresses,
  anyAddress = "::",
  limits = DEFAULT_GATEWAY_LIMITS,
}: ListenerInputs): Stage<IrListener> {
  const ports = new Index("listener pieces", gateways, ({ key, listeners }) =>
    listeners.filter(isServed).map((listener) => listenerPieceName(key, listener)),
  );
  const listeners: Stage<IrListener> = new Stage<IrListener>({
    name: "listeners",
    compute: (name, read) => {
      const [key] = read.one(ports, name) ?? [];
      const gateway = key === undefined ? undefined : read.one(gateways, key);
      if (gateway === undefined) return undefined;
      const { listenOn } = read.one(addresses, gateway.key) ?? {};
      if (listenOn?.length === 0) return undefined;
      const where = listenOn === undefined ? anywhere(anyAddress) : { addresses: listenOn };
      const listener = translateListener(read, attachments, { name, gateway, where });
      if (listener === undefined) return undefined;
      const before = listeners.peek(name)?.filterChains ?? [];
      return {
        ...listener,
        filterChains: withRetiredFilters(listener.filterChains, before, limits),
      };
    },
  });
  return listeners.forEach(ports);
}

function anywhere(address: AnyAddress): Where {
  return { addresses: [address], ...(address === "::" && { ipv4Compat: true }) };
}

function isServed({ programmed }: TranslatedListener): boolean {
  return programmed;
}

type Where = Pick<IrListener, "addresses" | "ipv4Compat">;

interface Port {
  readonly name: string;
  readonly gateway: TranslatedGateway;
  readonly where: Where;
}

function translateListener(
  read: Read,
  attachments: Attachments,
  { name, gateway, where }: Port,
): IrListener | undefined {
  const { key } = gateway;
  const listeners = gateway.listeners.filter(
    (listener) => isServed(listener) && listenerPieceName(key, listener) === name,
  );
  const [first] = listeners;
  if (first === undefined) return undefined;
  const shared = { name, gateway: key, ...where, port: first.port };
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
