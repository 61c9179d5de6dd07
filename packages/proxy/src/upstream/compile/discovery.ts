import { typeNameOfAny, unpack } from "@nuncio/api";
import type {
  Cluster,
  Cluster_CustomClusterType,
} from "@nuncio/api/types/envoy/config/cluster/v3/cluster_pb";
import type { Address } from "@nuncio/api/types/envoy/config/core/v3/address_pb";
import type { TypedExtensionConfig } from "@nuncio/api/types/envoy/config/core/v3/extension_pb";
import type { DnsCluster } from "@nuncio/api/types/envoy/extensions/clusters/dns/v3/dns_cluster_pb";
import type { CaresDnsResolverConfig } from "@nuncio/api/types/envoy/extensions/network/dns_resolver/cares/v3/cares_dns_resolver_pb";
import type { CompileContext } from "../../config/context.ts";
import { compileDuration } from "../../config/durations.ts";
import { ipAddress } from "../../transport/address.ts";
import type {
  DiscoveryConfig,
  DnsConfig,
  DnsLookupFamily,
  DnsResolverConfig,
} from "../definition.ts";
import { compileEds, type EdsSurroundings, isEds } from "./eds.ts";
import { canonicalIp } from "./load-assignment.ts";

const DNS_CLUSTER = "envoy.extensions.clusters.dns.v3.DnsCluster";
const CARES = "envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig";
const GETADDRINFO =
  "envoy.extensions.network.dns_resolver.getaddrinfo.v3.GetAddrInfoDnsResolverConfig";

/** How main finds the cluster's hosts: `type`, or the typed `cluster_type`. */
export function compileDiscovery(
  cluster: Cluster,
  surroundings: EdsSurroundings,
  ctx: CompileContext,
): DiscoveryConfig {
  const specifier = cluster.clusterDiscoveryType;
  if (isEds(cluster)) return { type: "EDS", eds: compileEds(cluster, surroundings, ctx) };
  if (cluster.edsClusterConfig !== undefined) {
    ctx.problems.error(
      cluster,
      "eds_cluster_config",
      "eds_cluster_config set in a non-EDS cluster",
    );
  }
  if (specifier.case === "clusterType") return discoveryOfTyped(cluster, specifier.value, ctx);
  // Unset is STATIC, the enum's 0.
  const type = DISCOVERY_TYPES[specifier.value as number] ?? String(specifier.value);
  return discoveryOfName(cluster, specifier.case === undefined ? "STATIC" : type, "type", ctx);
}

/** By number of `Cluster.DiscoveryType`. */
const DISCOVERY_TYPES: readonly string[] = [
  "STATIC",
  "STRICT_DNS",
  "LOGICAL_DNS",
  "EDS",
  "ORIGINAL_DST",
];

function discoveryOfName(
  cluster: Cluster,
  type: string,
  field: string,
  ctx: CompileContext,
): DiscoveryConfig {
  switch (type) {
    case "STATIC":
      return { type };
    case "STRICT_DNS":
    case "LOGICAL_DNS":
      return { type, dns: compileLegacyDns(cluster, ctx) };
    default:
      ctx.problems.error(cluster, field, `not implemented yet: cluster type ${type}`);
      return { type: "STATIC" };
  }
}

/** Without a configuration the name says the type, as in old files; with one its message does. */
function discoveryOfTyped(
  cluster: Cluster,
  message: Cluster_CustomClusterType,
  ctx: CompileContext,
): DiscoveryConfig {
  const any = message.typedConfig;
  if (any === undefined) {
    const type = /^envoy\.cluster\.(static|strict_dns|logical_dns)$/.exec(message.name)?.[1];
    return discoveryOfName(cluster, type?.toUpperCase() ?? message.name, "cluster_type", ctx);
  }
  const config = unpack<DnsCluster>(any);
  if (config?.$typeName !== DNS_CLUSTER) {
    ctx.problems.error(message, "typed_config", `not implemented yet: ${typeNameOfAny(any)}`);
    return { type: "STATIC" };
  }
  return {
    type: config.allAddressesInSingleEndpoint ? "LOGICAL_DNS" : "STRICT_DNS",
    dns: compileDns(config, TYPED_FAMILIES[config.dnsLookupFamily as number], ctx),
  };
}

/** What both forms have, under the same names. */
type DnsFields = Pick<
  DnsCluster,
  | "dnsRefreshRate"
  | "dnsFailureRefreshRate"
  | "dnsJitter"
  | "typedDnsResolverConfig"
  | "respectDnsTtl"
>;

const DEFAULT_REFRESH_MS = 5000;

function compileDns(
  message: DnsCluster,
  lookupFamily: DnsLookupFamily | undefined,
  ctx: CompileContext,
): DnsConfig {
  return {
    ...compileDnsFields(message, ctx),
    minRefreshRateMs: compileDuration(
      message,
      "dns_min_refresh_rate",
      message.dnsMinRefreshRate,
      0,
      ctx,
    ),
    lookupFamily: lookupFamily ?? "AUTO",
    resolver: compileResolver(message.typedDnsResolverConfig, ctx),
  };
}

function compileLegacyDns(cluster: Cluster, ctx: CompileContext): DnsConfig {
  const fields = cluster as unknown as DnsFields & Cluster;
  const resolver = compileResolver(cluster.typedDnsResolverConfig, ctx);
  return {
    ...compileDnsFields(fields, ctx),
    minRefreshRateMs: 0,
    lookupFamily: LEGACY_FAMILIES[cluster.dnsLookupFamily as number] ?? "AUTO",
    resolver:
      cluster.typedDnsResolverConfig === undefined && cluster.dnsResolvers.length > 0
        ? { ...SYSTEM_CARES, servers: compileServers(cluster.dnsResolvers, ctx) }
        : resolver,
  };
}

const LEGACY_FAMILIES: readonly DnsLookupFamily[] = [
  "AUTO",
  "V4_ONLY",
  "V6_ONLY",
  "V4_PREFERRED",
  "ALL",
];
const TYPED_FAMILIES: readonly (DnsLookupFamily | undefined)[] = [undefined, ...LEGACY_FAMILIES];

function compileDnsFields(
  message: (DnsCluster | Cluster) & DnsFields,
  ctx: CompileContext,
): Pick<DnsConfig, "refreshRateMs" | "respectTtl" | "jitterMs" | "failureBackoff"> {
  return {
    refreshRateMs: compileDuration(
      message,
      "dns_refresh_rate",
      message.dnsRefreshRate,
      DEFAULT_REFRESH_MS,
      ctx,
    ),
    respectTtl: message.respectDnsTtl,
    jitterMs: compileDuration(message, "dns_jitter", message.dnsJitter, 0, ctx),
    failureBackoff: compileBackoff(message, ctx),
  };
}

function compileBackoff(
  message: (DnsCluster | Cluster) & DnsFields,
  ctx: CompileContext,
): DnsConfig["failureBackoff"] {
  const rate = message.dnsFailureRefreshRate;
  if (rate === undefined) return null;
  const baseMs = compileDuration(rate, "base_interval", rate.baseInterval, DEFAULT_REFRESH_MS, ctx);
  const maxMs = compileDuration(rate, "max_interval", rate.maxInterval, 10 * baseMs, ctx);
  if (maxMs < baseMs) {
    const text =
      "dns_failure_refresh_rate must have max_interval greater than or equal to the base_interval";
    ctx.problems.error(rate, "max_interval", text);
  }
  return { baseMs, maxMs: Math.max(baseMs, maxMs) };
}

const SYSTEM_CARES: Extract<DnsResolverConfig, { kind: "cares" }> = {
  kind: "cares",
  servers: [],
  queryTimeoutMs: 5000,
  queryTries: 4,
  searchDomains: true,
};

function compileResolver(
  message: TypedExtensionConfig | undefined,
  ctx: CompileContext,
): DnsResolverConfig {
  const any = message?.typedConfig;
  if (message === undefined || any === undefined) return SYSTEM_CARES;
  const typeName = typeNameOfAny(any);
  if (typeName === GETADDRINFO) return { kind: "getaddrinfo" };
  const config = typeName === CARES ? unpack<CaresDnsResolverConfig>(any) : undefined;
  if (config === undefined) {
    ctx.problems.error(message, "typed_config", `not implemented yet: ${typeName}`);
    return SYSTEM_CARES;
  }
  return {
    kind: "cares",
    servers: compileServers(config.resolvers, ctx),
    queryTimeoutMs: Number(config.queryTimeoutSeconds ?? 5n) * 1000,
    queryTries: config.queryTries ?? 4,
    searchDomains: !(config.dnsResolverOptions?.noDefaultSearchDomain ?? false),
  };
}

/** DNS servers as `ip:port`; port 0 is 53. */
function compileServers(messages: readonly Address[], ctx: CompileContext): string[] {
  const servers: string[] = [];
  for (const message of messages) {
    const socket = message.address.case === "socketAddress" ? message.address.value : undefined;
    const ip = socket === undefined ? null : canonicalIp(socket.address);
    if (socket === undefined || ip === null) {
      ctx.problems.error(
        socket ?? message,
        socket && "address",
        "expected the IP address of a DNS server",
      );
      continue;
    }
    const port = socket.portSpecifier.case === "portValue" ? socket.portSpecifier.value : 0;
    servers.push(ipAddress(ip, port === 0 ? 53 : port).text);
  }
  return servers;
}
