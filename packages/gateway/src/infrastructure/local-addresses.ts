import { networkInterfaces, type NetworkInterfaceInfo } from "node:os";
import type { AnyAddress } from "../translator/listeners/listener-stage.ts";

/** `Gateway.status.addresses` takes no more. */
const ADDRESSES_MAX = 16;

type Interfaces = readonly NetworkInterfaceInfo[];

/** What stands for all addresses of this machine. */
export function anyAddress(interfaces: Interfaces = ofThisMachine()): AnyAddress {
  return interfaces.some(({ family }) => family === "IPv6") ? "::" : "0.0.0.0";
}

/** Addresses under which others can reach this machine, those of IPv4 first; 127.0.0.1 when there are none. */
export function localAddresses(interfaces: Interfaces = ofThisMachine()): string[] {
  const reachable = interfaces.filter(
    ({ internal, address }) => !internal && !isLinkLocal(address),
  );
  const of = (wanted: string): string[] =>
    reachable.filter(({ family }) => family === wanted).map(({ address }) => address);
  const found = [...of("IPv4"), ...of("IPv6")];
  return found.length === 0 ? ["127.0.0.1"] : found.slice(0, ADDRESSES_MAX);
}

function ofThisMachine(): NetworkInterfaceInfo[] {
  return Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
}

/** Of no use without the name of an interface. */
function isLinkLocal(address: string): boolean {
  return address.toLowerCase().startsWith("fe80:");
}
