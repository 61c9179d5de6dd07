import { ipAddress } from "../../transport/address.ts";
import type {
  ClusterDefinition,
  DnsConfig,
  EndpointConfig,
  LocalityEndpoints,
} from "../definition.ts";
import { clusterConfig } from "./cluster-config.ts";

const DNS: DnsConfig = {
  refreshRateMs: 5000,
  respectTtl: false,
  minRefreshRateMs: 0,
  jitterMs: 0,
  failureBackoff: null,
  lookupFamily: "AUTO",
  resolver: { kind: "getaddrinfo" },
};

/** An endpoint at an address (`10.0.0.1`) or with a name to resolve; port 80. */
export function endpoint(host: string, parts: Partial<EndpointConfig> = {}): EndpointConfig {
  const target = /^[\d.]+$/.test(host) ? { address: ipAddress(host, 80) } : { host, port: 80 };
  return { target, hostname: "", weight: 1, healthFlags: 0, metadata: null, ...parts };
}

/** Endpoints of one locality: of none, unless `region` says one. */
export function locality(
  endpoints: readonly EndpointConfig[],
  parts: { readonly priority?: number; readonly region?: string; readonly weight?: number } = {},
): LocalityEndpoints {
  const { priority = 0, region = "", weight = 0 } = parts;
  return { locality: { region, zone: "", subZone: "" }, weight, priority, endpoints };
}

/** A cluster of main's, with defaults. `dns` makes it a DNS cluster. */
export function definition(
  localities: readonly LocalityEndpoints[],
  parts: {
    readonly name?: string;
    readonly type?: "STATIC" | "STRICT_DNS" | "LOGICAL_DNS";
    readonly dns?: Partial<DnsConfig>;
    readonly waitForWarmOnInit?: boolean;
    readonly config?: Parameters<typeof clusterConfig>[0];
  } = {},
): ClusterDefinition {
  const { name = "c", type = "STATIC", waitForWarmOnInit = true } = parts;
  return {
    config: { ...clusterConfig({ ...parts.config, name }), discoveryType: type },
    discovery: type === "STATIC" ? { type } : { type, dns: { ...DNS, ...parts.dns } },
    loadAssignment: { overprovisioningFactor: 140, weightedPriorityHealth: false, localities },
    waitForWarmOnInit,
  };
}
