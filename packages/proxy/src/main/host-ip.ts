import { networkInterfaces } from "node:os";

/** The host's first address of the family that is not loopback, else the loopback: what Envoy calls the local address. */
export function hostIp(version: "v4" | "v6"): string {
  const wanted = version === "v6" ? "IPv6" : "IPv4";
  for (const addresses of Object.values(networkInterfaces())) {
    for (const { family, internal, address } of addresses ?? []) {
      if (family === wanted && !internal) return address;
    }
  }
  return version === "v6" ? "::1" : "127.0.0.1";
}
