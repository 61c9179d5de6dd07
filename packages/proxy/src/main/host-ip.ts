import { networkInterfaces } from "node:os";

/** The host's first IPv4 address that is not loopback, else 127.0.0.1: what Envoy calls the local address. */
export function hostIp(): string {
  for (const addresses of Object.values(networkInterfaces())) {
    for (const { family, internal, address } of addresses ?? []) {
      if (family === "IPv4" && !internal) return address;
    }
  }
  return "127.0.0.1";
}
