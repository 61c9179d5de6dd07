import type { Backend, BackendEndpoint } from "#gen/resources";
import type { IrEndpoint } from "../../ir/cluster.ts";

/** The endpoints of a Backend, in its order. */
export function backendEndpoints({ spec }: Backend, priority: number): IrEndpoint[] {
  return spec.endpoints.map((endpoint) => ({
    ...place(endpoint),
    ...(endpoint.zone !== undefined && { zone: endpoint.zone }),
    ...(priority > 0 && { priority }),
  }));
}

/** True when some of the endpoints have names that are to be looked up. */
export function hasNames({ spec }: Backend): boolean {
  return spec.endpoints.some(({ fqdn }) => fqdn !== undefined);
}

function place({ fqdn, ip, unix }: BackendEndpoint): { address: string; port: number } {
  if (fqdn !== undefined) return { address: fqdn.hostname.toLowerCase(), port: fqdn.port };
  if (ip !== undefined) return { address: ip.address, port: ip.port };
  return { address: unix?.path ?? "", port: 0 };
}
