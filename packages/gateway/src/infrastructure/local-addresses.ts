import { networkInterfaces } from "node:os";

/** `Gateway.status.addresses` takes no more. */
const ADDRESSES_MAX = 16;

/** IPv4 addresses under which others can reach this machine; 127.0.0.1 when there are none. */
export function localAddresses(): string[] {
  const found = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === "IPv4" && !internal)
    .map(({ address }) => address);
  return found.length === 0 ? ["127.0.0.1"] : found.slice(0, ADDRESSES_MAX);
}
