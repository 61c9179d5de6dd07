import type { ObjectKey } from "../../resources/object.ts";
import { bySeniority, type Dated } from "../routes/seniority.ts";
import { HeldAddresses, type HeldAddress } from "./held-addresses.ts";

/** Where a Gateway would listen, at all of its ports. */
export interface PortDemand extends Dated {
  readonly addresses: readonly string[];
  /** `tcp-80`; each once. */
  readonly ports: readonly string[];
}

/** By the key of a Gateway that cannot have a port: who has it, and where. */
export type PortConflicts = Readonly<Record<ObjectKey, HeldAddress>>;

/** Gives the addresses of one port to Gateways: the older ones come first, and each has all that it asks for or nothing. */
export function portConflicts(demands: readonly PortDemand[]): PortConflicts {
  const held = new HeldAddresses();
  const conflicts: Record<ObjectKey, HeldAddress> = {};
  for (const { key, addresses } of demands.toSorted(bySeniority)) {
    const meeting = addresses.map((address) => held.meeting(address)).find(Boolean);
    if (meeting !== undefined) conflicts[key] = meeting;
    else for (const address of addresses) held.hold({ holder: key, address });
  }
  return conflicts;
}
