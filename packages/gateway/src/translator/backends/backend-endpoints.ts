import type { IrEndpoint } from "../../ir/cluster.ts";
import type { BackendEndpoint, BackendObject } from "./objects.ts";

/** The endpoints of a Backend, in its order. */
export function backendEndpoints({ spec }: BackendObject, priority: number): IrEndpoint[] {
  return (spec.endpoints ?? []).map((endpoint) => ({
    ...place(endpoint),
    ...(endpoint.zone !== undefined && { zone: endpoint.zone }),
    ...(priority > 0 && { priority }),
  }));
}

/** True when some of the endpoints have names that are to be looked up. */
export function hasNames({ spec }: BackendObject): boolean {
  return spec.endpoints?.some(({ fqdn }) => fqdn !== undefined) ?? false;
}

function place({ fqdn, ip, unix }: BackendEndpoint): { address: string; port: number } {
  if (fqdn !== undefined) return { address: fqdn.hostname.toLowerCase(), port: fqdn.port };
  if (ip !== undefined) return { address: ip.address, port: ip.port };
  return { address: unix?.path ?? "", port: 0 };
}
