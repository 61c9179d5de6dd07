import { typeUrlOf, XdsClient, type ControlPlaneStats } from "@nuncio/xds";
import type { StatsRegistry, WorkerStats } from "../../observe/stats/definition.ts";
import { CONTROL_PLANE_STATS } from "../../observe/stats/tables/subscription.ts";
import type { CompiledBootstrap } from "../compile-bootstrap.ts";
import { nodeMessage } from "../node-message.ts";
import type { ControlPlaneReach } from "./reach.ts";

/** The client of all control planes and files that the bootstrap and its resources name. */
export function controlPlanes(
  compiled: CompiledBootstrap,
  { transports }: ControlPlaneReach,
  registry: StatsRegistry,
  stats: WorkerStats,
): XdsClient {
  const { dynamicResources, configSources, defaultConfigSource } = compiled.bootstrap;
  return new XdsClient({
    node: nodeMessage(compiled),
    transports,
    configSources,
    ...(dynamicResources?.adsConfig === undefined ? {} : { adsConfig: dynamicResources.adsConfig }),
    ...(defaultConfigSource === undefined ? {} : { defaultConfigSource }),
    controlPlaneStats(typeUrl) {
      const prefix = typeUrl === null ? "" : STREAMS.get(typeUrl);
      return prefix === undefined ? undefined : count(prefix, registry, stats);
    },
  });
}

/**
 * Where streams for one type are counted. Others have a stream for each resource in Envoy, which is counted beside the
 * resource's own statistics; here they share one.
 */
const STREAMS: ReadonlyMap<string, string> = new Map([
  [typeUrlOf("CDS"), "cluster_manager.cds."],
  [typeUrlOf("LDS"), "listener_manager.lds."],
  [typeUrlOf("RTDS"), "runtime."],
]);

function count(owner: string, registry: StatsRegistry, { slots }: WorkerStats): ControlPlaneStats {
  const prefix = `${owner}control_plane.`;
  const { base } = registry.scope(prefix, CONTROL_PLANE_STATS);
  const { at } = CONTROL_PLANE_STATS;
  const setIdentifier = (text: string): void =>
    registry.setTextReadout(`${prefix}identifier`, text);
  setIdentifier("");
  return {
    setConnected: (isConnected) => void (slots[base + at.connected_state] = Number(isConnected)),
    setPendingRequests: (waiting) => void (slots[base + at.pending_requests] = waiting),
    rateLimitEnforced: () => void (slots[base + at.rate_limit_enforced]! += 1),
    setIdentifier,
  };
}
