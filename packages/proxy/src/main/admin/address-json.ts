import type { Address } from "../../observe/stream-info.ts";

/** An address as `envoy.config.core.v3.Address` in JSON. */
export function addressJson(address: Address): object {
  if (!isIp(address)) return { pipe: { path: address.ip } };
  return { socket_address: { address: address.ip, port_value: address.port } };
}

/** A pipe is printed as its bare path; an IP always with its port. */
function isIp({ text, ip }: Address): boolean {
  return text !== ip;
}
