import type { StatsLease } from "../../observe/stats/definition.ts";
import { ipAddress } from "../../transport/address.ts";
import type {
  ClusterDefinition,
  DiscoveryConfig,
  DnsConfig,
  EndpointConfig,
  LoadAssignment,
  LocalityEndpoints,
} from "../definition.ts";
import type { ClusterConfig, DiscoveryType } from "../model.ts";
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
    readonly type?: DiscoveryType;
    /** The service of an EDS cluster. */
    readonly service?: string;
    readonly stats?: StatsLease;
    readonly dns?: Partial<DnsConfig>;
    readonly waitForWarmOnInit?: boolean;
    readonly config?: Parameters<typeof clusterConfig>[0];
  } = {},
): ClusterDefinition {
  const { name = "c", type = "STATIC", waitForWarmOnInit = true } = parts;
  const config = { ...clusterConfig({ ...parts.config, name }), discoveryType: type };
  return {
    config,
    stats: parts.stats ?? NO_LEASE,
    discovery: discoveryOf(type, config, parts),
    loadAssignment: assignment(localities),
    waitForWarmOnInit,
  };
}

/** What a ClusterLoadAssignment without a policy says. */
export function assignment(
  localities: readonly LocalityEndpoints[],
  parts: Partial<LoadAssignment> = {},
): LoadAssignment {
  return {
    overprovisioningFactor: 140,
    weightedPriorityHealth: false,
    dropOverloadRatio: 0,
    staleAfterMs: 0,
    localities,
    ...parts,
  };
}

/** Statistics of an EDS subscription, out of the way of the cluster's. */
const EDS_SCOPE = { base: 2000, histogramBase: 0, prefix: "cluster.c." };

const NO_LEASE: StatsLease = {
  scope: (prefix) => ({ base: 3000, histogramBase: 0, prefix }),
  lease: () => NO_LEASE,
  setTextReadout() {},
  release() {},
};

function discoveryOf(
  type: DiscoveryType,
  { name, scope }: ClusterConfig,
  parts: { readonly dns?: Partial<DnsConfig>; readonly service?: string },
): DiscoveryConfig {
  if (type === "STATIC") return { type };
  if (type !== "EDS") return { type, dns: { ...DNS, ...parts.dns } };
  const { service = "" } = parts;
  const names = { serviceName: service || name, givenServiceName: service };
  return { type, eds: { source: null, ...names, clusterScope: scope, scope: EDS_SCOPE } };
}
