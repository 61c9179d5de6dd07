import { XdsClient, type ControlPlaneStats } from "@nuncio/xds";
import type { StatsRegistry, WorkerStats } from "../../observe/stats/definition.ts";
import { CONTROL_PLANE_STATS } from "../../observe/stats/tables/subscription.ts";
import type { CompiledBootstrap } from "../compile-bootstrap.ts";
import { nodeMessage } from "../node-message.ts";
import { clusterEndpoints, type FindCluster } from "./cluster-endpoint.ts";
import { clusterTransports } from "./cluster-transports.ts";

/** The client of all control planes and files that the bootstrap and its resources name. */
export function controlPlanes(
  compiled: CompiledBootstrap,
  findCluster: FindCluster,
  registry: StatsRegistry,
  stats: WorkerStats,
): XdsClient {
  const { dynamicResources, configSources, defaultConfigSource } = compiled.bootstrap;
  return new XdsClient({
    node: nodeMessage(compiled),
    transports: clusterTransports(clusterEndpoints(findCluster, compiled.tls, Math.random)),
    configSources,
    ...(dynamicResources?.adsConfig === undefined ? {} : { adsConfig: dynamicResources.adsConfig }),
    ...(defaultConfigSource === undefined ? {} : { defaultConfigSource }),
    // Envoy counts the stream of ADS under this name, and has no place for the others.
    controlPlaneStats: () => count(registry, stats),
  });
}

function count(registry: StatsRegistry, { slots }: WorkerStats): ControlPlaneStats {
  const { base } = registry.scope("control_plane.", CONTROL_PLANE_STATS);
  const { at } = CONTROL_PLANE_STATS;
  return {
    setConnected: (isConnected) => void (slots[base + at.connected_state] = Number(isConnected)),
    setPendingRequests: (waiting) => void (slots[base + at.pending_requests] = waiting),
    rateLimitEnforced: () => void (slots[base + at.rate_limit_enforced]! += 1),
    // Stats of texts are not there.
    setIdentifier() {},
  };
}
