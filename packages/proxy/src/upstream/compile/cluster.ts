import type { Cluster } from "@nuncio/api/types/envoy/config/cluster/v3/cluster_pb";
import type {
  BindConfig,
  TcpKeepalive as TcpKeepaliveMessage,
} from "@nuncio/api/types/envoy/config/core/v3/address_pb";
import type { HealthStatusSet } from "@nuncio/api/types/envoy/config/core/v3/health_check_pb";
import type { CompileContext, InitTarget } from "../../config/context.ts";
import { compileDuration } from "../../config/durations.ts";
import { CLUSTER_STATS } from "../../observe/stats/tables/cluster.ts";
import type { Address } from "../../observe/stream-info.ts";
import { ipAddress } from "../../transport/address.ts";
import type { ClusterDefinition, DiscoveryConfig, LoadAssignment } from "../definition.ts";
import type { TcpKeepalive } from "../model.ts";
import { HealthStatus } from "../shared/health-status.ts";
import { compileCircuitBreakers } from "./circuit-breakers.ts";
import { compileDiscovery } from "./discovery.ts";
import { MISSING_SOURCE, primaryClusterNames } from "./eds.ts";
import { compileHttpOptions } from "./http-options.ts";
import { canonicalIp, compileLoadAssignment, compileMetadata } from "./load-assignment.ts";
import { compileLoadBalancer } from "./load-balancer.ts";
import { compileTransportSockets } from "./transport-sockets.ts";

/**
 * The clusters of one configuration. A name that comes twice is an error at the second. `targets` is told what each of
 * them needs from elsewhere.
 */
export function compileClusters(
  clusters: readonly Cluster[],
  ctx: CompileContext,
  targets: Map<ClusterDefinition, readonly InitTarget[]> = new Map(),
): ClusterDefinition[] {
  const names = new Set<string>();
  const primary = primaryClusterNames(clusters);
  return clusters.map((cluster) => {
    if (names.has(cluster.name)) {
      ctx.problems.error(cluster, "name", `cluster manager: duplicate cluster '${cluster.name}'`);
    }
    names.add(cluster.name);
    refuseSelf(cluster, ctx);
    const own: InitTarget[] = [];
    const definition = compileCluster(cluster, { ...ctx, targets: own }, primary);
    targets.set(definition, own);
    return definition;
  });
}

/** A cluster of the bootstrap came from nowhere that could be asked again. */
function refuseSelf({ edsClusterConfig: config }: Cluster, ctx: CompileContext): void {
  if (config?.edsConfig?.configSourceSpecifier.case === "self")
    ctx.problems.error(config.edsConfig, "self", MISSING_SOURCE);
}

/**
 * One `envoy.config.cluster.v3.Cluster`. `primaryClusters` may be what the control plane of an EDS cluster is reached by.
 * The definition has its statistics on a lease; where there are errors they are given back at once.
 */
export function compileCluster(
  cluster: Cluster,
  context: CompileContext,
  primaryClusters: ReadonlySet<string>,
): ClusterDefinition {
  const stats = context.stats.lease();
  const ctx = { ...context, stats };
  const definition = compileParts(cluster, ctx, primaryClusters);
  if (ctx.problems.hasErrors) stats.release(() => true);
  return { ...definition, stats };
}

function compileParts(
  cluster: Cluster,
  ctx: CompileContext,
  primaryClusters: ReadonlySet<string>,
): Omit<ClusterDefinition, "stats"> {
  const statName = cluster.altStatName || cluster.name;
  const statPrefix = `cluster.${statName.replaceAll(":", "_")}.`;
  const scope = ctx.stats.scope(statPrefix, CLUSTER_STATS);
  const discovery = compileDiscovery(cluster, { scope, primaryClusters }, ctx);
  const loadAssignment = compileLoadAssignment(cluster.loadAssignment, discovery.type, ctx);
  checkLogicalDns(cluster, discovery, loadAssignment, ctx);
  const perConnectionBufferLimitBytes = cluster.perConnectionBufferLimitBytes ?? 1 << 20;
  return {
    config: {
      name: cluster.name,
      observabilityName: statName,
      discoveryType: discovery.type,
      scope,
      connectTimeoutMs: compileDuration(
        cluster,
        "connect_timeout",
        cluster.connectTimeout,
        5000,
        ctx,
      ),
      perConnectionBufferLimitBytes,
      loadBalancer: compileLoadBalancer({ cluster, statPrefix }, ctx),
      overrideHostStatuses: overrideHostStatuses(cluster.commonLbConfig?.overrideHostStatus),
      circuitBreakers: compileCircuitBreakers(cluster.circuitBreakers),
      http: compileHttpOptions(cluster, statPrefix, perConnectionBufferLimitBytes, ctx),
      tcpKeepalive: compileKeepalive(cluster.upstreamConnectionOptions?.tcpKeepalive, ctx),
      sourceAddress: compileSourceAddress(cluster.upstreamBindConfig, ctx),
      closeConnectionsOnHostHealthFailure: cluster.closeConnectionsOnHostHealthFailure,
      metadata: compileMetadata(cluster.metadata),
      transportSockets: compileTransportSockets(cluster, statPrefix, ctx),
    },
    discovery,
    loadAssignment,
    waitForWarmOnInit: cluster.waitForWarmOnInit ?? true,
  };
}

const { Unknown, Healthy, Degraded } = HealthStatus;

function overrideHostStatuses(message: HealthStatusSet | undefined): number {
  const statuses: readonly number[] = message?.statuses ?? [Unknown, Healthy, Degraded];
  return statuses.reduce((bits, status) => bits | (1 << status), 0);
}

function checkLogicalDns(
  cluster: Cluster,
  discovery: DiscoveryConfig,
  { localities }: LoadAssignment,
  ctx: CompileContext,
): void {
  if (discovery.type !== "LOGICAL_DNS") return;
  if (
    cluster.loadAssignment?.endpoints.length !== 1 ||
    cluster.loadAssignment.endpoints[0]!.lbEndpoints.length !== 1
  ) {
    const endpoints = localities.reduce((sum, locality) => sum + locality.endpoints.length, 0);
    const seen = `got ${localities.length} and ${endpoints}`;
    const text = `LOGICAL_DNS clusters must have a single locality_lb_endpoint and a single lb_endpoint, ${seen}`;
    ctx.problems.error(cluster, "load_assignment", text);
  }
  if (discovery.dns.lookupFamily === "ALL") {
    const text = "not implemented yet: dns_lookup_family ALL in a LOGICAL_DNS cluster";
    ctx.problems.error(cluster, "dns_lookup_family", text);
  }
}

/** The runtime sets the time before the first probe only. */
function compileKeepalive(
  message: TcpKeepaliveMessage | undefined,
  ctx: CompileContext,
): TcpKeepalive | null {
  if (message === undefined) return null;
  for (const field of ["keepalive_probes", "keepalive_interval"] as const) {
    const value =
      field === "keepalive_probes" ? message.keepaliveProbes : message.keepaliveInterval;
    if (value === undefined) continue;
    ctx.problems.error(message, field, `not implemented yet for upstream connections: ${field}`);
  }
  return { timeS: message.keepaliveTime ?? 0 };
}

function compileSourceAddress(bind: BindConfig | undefined, ctx: CompileContext): Address | null {
  const source = bind?.sourceAddress;
  if (source === undefined) return null;
  const ip = canonicalIp(source.address);
  if (ip === null) {
    ctx.problems.error(source, "address", `malformed IP address: ${source.address}`);
    return null;
  }
  if (source.portSpecifier.case === "portValue" && source.portSpecifier.value !== 0) {
    const text = `not implemented yet: a fixed source port, got ${source.portSpecifier.value}`;
    ctx.problems.error(source, "port_value", text);
  }
  return ipAddress(ip, 0);
}
