import type { Cells } from "../../incremental/cells.ts";
import { Index } from "../../incremental/index-cells.ts";
import type { AnyStage } from "../../incremental/stage-order.ts";
import { Stage, type Read } from "../../incremental/stage.ts";
import type { GatewayAddresses } from "../addresses/address-stages.ts";
import { portName } from "../listeners/piece-names.ts";
import type { TranslatedGateway } from "../translated-gateway.ts";
import { ALL_ADDRESSES, type HeldAddress } from "./held-addresses.ts";
import { portConflicts, type PortConflicts, type PortDemand } from "./port-conflicts.ts";
import { withoutPorts } from "./without-ports.ts";

interface PortInputs {
  /** As if each were alone. */
  readonly gateways: Cells<TranslatedGateway>;
  readonly addresses: Cells<GatewayAddresses>;
}

export interface PortStages {
  /** In the order in which they are computed. */
  readonly order: readonly AnyStage[];
  /** Without the listeners whose ports others have. */
  readonly gateways: Stage<TranslatedGateway>;
}

/** Shares out the ports of a host among the Gateways that listen there. */
export function portStages({ gateways: alone, addresses }: PortInputs): PortStages {
  const demands = new Stage<PortDemand>({
    name: "port demands",
    compute: (key, read) => portDemand(read, key, alone, addresses),
  }).forEach(alone);
  const byPort = new Index("gateways by port", demands, ({ ports }) => ports);
  const conflicts = new Stage<PortConflicts>({
    name: "port conflicts",
    compute: (port, read) => {
      const wanted = Array.from(read.one(byPort, port) ?? [], (key) => read.one(demands, key));
      return portConflicts(wanted.filter((demand) => demand !== undefined));
    },
  }).forEach(byPort);
  const gateways = new Stage<TranslatedGateway>({
    name: "gateways with their ports",
    compute: (key, read) => {
      const gateway = read.one(alone, key);
      const missing = new Map<string, string>();
      for (const port of read.one(demands, key)?.ports ?? []) {
        const rival = read.one(conflicts, port)?.[key];
        if (rival !== undefined) missing.set(port, conflictText(port, rival));
      }
      return gateway && withoutPorts(gateway, missing);
    },
  }).forEach(alone);
  return { order: [demands, conflicts, gateways], gateways };
}

function portDemand(
  read: Read,
  key: string,
  gateways: Cells<TranslatedGateway>,
  found: Cells<GatewayAddresses>,
): PortDemand | undefined {
  const gateway = read.one(gateways, key);
  const { listenOn = ALL_ADDRESSES } = read.one(found, key) ?? {};
  if (gateway?.accepted !== true) return undefined;
  const { age, listeners } = gateway;
  const served = listeners.filter(({ programmed }) => programmed);
  const ports = [...new Set(served.map(portName))];
  return { key, age, addresses: listenOn, ports };
}

function conflictText(port: string, { holder, address }: HeldAddress): string {
  const [protocol = "", number] = port.split("-");
  const where = ALL_ADDRESSES.includes(address) ? "all addresses" : address;
  return `${protocol.toUpperCase()} port ${number} belongs to Gateway ${holder}, which comes first and listens at ${where}`;
}
