import { parseIp } from "../base/ip-bytes.ts";
import { listenAddressText } from "../config/address.ts";
import type { ListenAddress, ListenerConfig } from "../listener/model.ts";
import { reserve, type Reservation } from "../listener/server-socket.ts";
import { StartError } from "./errors.ts";

/** Addresses with their ports, and what holds them until the workers have them. */
export interface BoundAddresses {
  readonly addresses: readonly ListenAddress[];
  release(): void;
}

/**
 * Binds the addresses of a listener on main, for a clear error and to learn the ports that 0 stands for. Those that it had
 * before are its own still, port 0 is the one of then. `isOurs`: a worker is about to close its socket there, or was given
 * one.
 * @throws StartError when one cannot be bound
 */
export function bindAddresses(
  { addresses, reusePort }: ListenerConfig,
  before: { readonly requested: ListenerConfig; readonly bound: ListenerConfig } | null,
  isOurs: (address: ListenAddress) => boolean,
): BoundAddresses {
  const reservations: Reservation[] = [];
  const release = (): void => {
    for (const reservation of reservations.splice(0)) reservation.release();
  };
  const known = (before?.requested.addresses ?? []).map((requested, index) => ({
    key: requestKey(requested),
    port: before!.bound.addresses[index]!.port,
  }));
  const bound = addresses.map((address) => {
    if (address.path !== "") return address;
    const key = requestKey(address);
    const at = known.findIndex((each) => each.key === key);
    if (at >= 0) return { ...address, port: known.splice(at, 1)[0]!.port };
    // Even for a moment a socket of UDP beside others gets some of what comes.
    if (address.protocol === "udp" && isOurs(address)) return address;
    const reservation = reserve(address, reusePort);
    if ("error" in reservation) {
      if (isOurs(address)) return address;
      release();
      throw new StartError(`cannot bind '${listenAddressText(address)}': ${reservation.error}`);
    }
    // A socket of UDP that nobody reads would swallow what comes to a port that is known.
    if (address.protocol === "udp" && address.port !== 0) reservation.release();
    else reservations.push(reservation);
    return { ...address, port: reservation.port };
  });
  // Without SO_REUSEPORT the worker could not bind beside the reservation.
  if (!reusePort) release();
  return { addresses: bound, release };
}

function requestKey(address: ListenAddress): string {
  return `${addressKey(address)} ${address.ipv4Compat}`;
}

/** Whether the port is chosen when it is bound: a different one each time. */
export function isAnyPort({ path, port }: ListenAddress): boolean {
  return path === "" && port === 0;
}

/** The same for two spellings of an IPv6 address. */
export function addressKey({ protocol, ip, port, path }: ListenAddress): string {
  if (path !== "") return path;
  const bytes = new Uint8Array(16);
  const length = parseIp(ip, bytes);
  return `${protocol} ${Buffer.from(bytes.subarray(0, length)).toString("hex")}:${port}`;
}
