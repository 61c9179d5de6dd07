import type { ClusterDefinition } from "../definition.ts";
import type { Discovery, DiscoveryListener, DiscoveryRuntime } from "./discovery.ts";
import { EdsDiscovery, type EdsSupport } from "./eds.ts";
import { LogicalDnsDiscovery } from "./logical-dns.ts";
import { StaticDiscovery } from "./static-discovery.ts";
import { StrictDnsDiscovery } from "./strict-dns.ts";

/** The discovery that a cluster's type asks for. */
export function createDiscovery(
  { discovery, loadAssignment }: ClusterDefinition,
  listener: DiscoveryListener,
  runtime: DiscoveryRuntime,
  eds: EdsSupport,
): Discovery {
  switch (discovery.type) {
    case "STATIC":
      return new StaticDiscovery(loadAssignment, listener);
    case "STRICT_DNS":
      return new StrictDnsDiscovery(loadAssignment, discovery.dns, listener, runtime);
    case "LOGICAL_DNS":
      return new LogicalDnsDiscovery(loadAssignment, discovery.dns, listener, runtime);
    case "EDS":
      return new EdsDiscovery(discovery.eds, listener, runtime, eds);
  }
}
