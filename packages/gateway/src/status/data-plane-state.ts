import type { StatusAddress } from "./object-status.ts";

/**
 * What infrastructure and data planes say of a Gateway; an input of the statuses, by the key of the Gateway. Where it is
 * missing nobody is asked: what is translated counts as programmed.
 */
export interface DataPlaneState {
  readonly programmed: boolean;
  /** A reason of the condition Programmed: `Programmed`, `Pending`, `NoResources`, `AddressNotAssigned`, `AddressNotUsable`. */
  readonly reason: string;
  readonly message: string;
  /** Where a Gateway that listens at all addresses can be reached. */
  readonly addresses?: readonly StatusAddress[];
  /** Pieces that the data plane does not take: names of listeners. */
  readonly refused?: readonly RefusedListener[];
}

export interface RefusedListener {
  /** `IrListener.name` */
  readonly listener: string;
  /**
   * `PortUnavailable`: the port cannot be bound. `AddressNotUsable`: the host does not have the address. `Invalid`: the data
   * plane refuses what it was sent.
   */
  readonly reason: "PortUnavailable" | "AddressNotUsable" | "Invalid";
  readonly message: string;
}
