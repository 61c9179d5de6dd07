import { networkInterfaces } from "node:os";
import type { ListenAddress } from "../model.ts";

/** Hosts with more addresses than this (balancers have thousands) answer as the kernel routes. */
const LOCAL_ADDRESSES_MAX = 64;

/**
 * The addresses of this host that a listening address for all of them stands for; empty for others. A socket of each has its
 * answers leave from where the question came to, and knows that address, which no socket for all of them tells. Link-local ones
 * are left to the latter.
 */
export function localAddressesOf(address: ListenAddress): readonly ListenAddress[] {
  const { ip, ipv4Compat } = address;
  if (ip !== "0.0.0.0" && !isAnyIpv6(ip)) return [];
  const found = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, address: own }) =>
      family === "IPv4" ? ip === "0.0.0.0" || ipv4Compat : ip !== "0.0.0.0" && !isLinkLocal(own),
    )
    .map(({ address: own }) => own);
  const ips = [...new Set(found)];
  if (ips.length > LOCAL_ADDRESSES_MAX) return [];
  return ips.map((own) => ({ ...address, ip: own, ipv4Compat: false }));
}

function isAnyIpv6(ip: string): boolean {
  return /^[0:]*:[0:]*$/.test(ip);
}

function isLinkLocal(ip: string): boolean {
  return /^fe[89ab]/i.test(ip);
}
