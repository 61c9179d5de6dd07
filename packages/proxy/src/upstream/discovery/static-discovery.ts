import type { EndpointConfig, LoadAssignment, LocalityEndpoints } from "../definition.ts";
import type { Discovery, DiscoveryListener, ResolvedHost } from "./discovery.ts";

/** Hosts as configured. */
export class StaticDiscovery implements Discovery {
  readonly waitsFor = "";
  readonly #loadAssignment: LoadAssignment;
  readonly #listener: DiscoveryListener;

  constructor(loadAssignment: LoadAssignment, listener: DiscoveryListener) {
    this.#loadAssignment = loadAssignment;
    this.#listener = listener;
  }

  start(): void {
    const byPriority: ResolvedHost[][] = [];
    const seen = new Map<string, number>();
    for (const locality of this.#loadAssignment.localities) {
      const hosts = (byPriority[locality.priority] ??= []);
      for (const endpoint of locality.endpoints) {
        if (!("address" in endpoint.target)) continue;
        const { address } = endpoint.target;
        // An address that is listed twice makes two hosts.
        const copy = seen.get(address.text) ?? 0;
        seen.set(address.text, copy + 1);
        hosts.push(resolvedHost(`${address.text}#${copy}`, address, endpoint, locality));
      }
    }
    for (let priority = 0; priority < byPriority.length; priority++) {
      this.#listener.onHosts(priority, byPriority[priority] ?? []);
    }
    this.#listener.onInitialized();
  }

  stop(): void {}
}

/** An endpoint at an address. `hostname` stands in where the endpoint has none of its own. */
export function resolvedHost(
  id: string,
  address: ResolvedHost["address"],
  endpoint: EndpointConfig,
  locality: LocalityEndpoints,
  hostname = "",
): ResolvedHost {
  return {
    id,
    address,
    hostname: endpoint.hostname || hostname,
    weight: endpoint.weight,
    healthFlags: endpoint.healthFlags,
    metadata: endpoint.metadata,
    locality: locality.locality,
    localityWeight: locality.weight,
  };
}
