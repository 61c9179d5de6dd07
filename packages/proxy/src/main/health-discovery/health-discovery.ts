import { envoyTypes } from "@nuncio/api";
import type {
  HealthCheckRequestOrEndpointHealthResponse as HdsMessage,
  HealthCheckSpecifier,
} from "@nuncio/api/types/envoy/service/health/v3/hds_pb";
import { BackOff, readApiConfigSource, systemClock } from "@nuncio/xds";
import type { StatsRegistry, WorkerStats } from "../../observe/stats/definition.ts";
import { HDS_STATS } from "../../observe/stats/tables/health-check.ts";
import type { CompiledBootstrap } from "../compile-bootstrap.ts";
import type { ControlPlaneReach } from "../control-plane/reach.ts";
import { nodeMessage } from "../node-message.ts";
import { CheckedClusters } from "./checked-clusters.ts";
import { HdsDelegate, type HdsStats } from "./hds-delegate.ts";
import { readSpecifier } from "./specifier.ts";

/** Envoy's bounds of the wait before another stream. */
const BACK_OFF = { baseIntervalMs: 1000, maxIntervalMs: 30_000 };

/** What checks endpoints for the server of `hds_config`, to be started; null when there is none. */
export function healthDiscovery(
  compiled: CompiledBootstrap,
  reach: ControlPlaneReach,
  registry: StatsRegistry,
  stats: WorkerStats,
  warn: (text: string) => void,
): HdsDelegate | null {
  const { hdsConfig } = compiled.bootstrap;
  if (hdsConfig === undefined) return null;
  const source = readApiConfigSource(hdsConfig);
  if (source.kind !== "grpc") return null;
  const service = envoyTypes().getService("envoy.service.health.v3.HealthDiscoveryService")!;
  const method = service.methods.find(({ name }) => name === "StreamHealthCheck")!;
  return new HdsDelegate({
    transport: reach.stream<HdsMessage, HealthCheckSpecifier>(source, method),
    node: nodeMessage(compiled),
    clusters: new CheckedClusters({ registry, stats, random: Math.random }),
    clock: systemClock,
    stats: count(registry, stats),
    backOff: new BackOff(BACK_OFF, Math.random),
    read: (specifier) => readSpecifier(specifier, compiled.context),
    warn,
  });
}

function count(registry: StatsRegistry, { slots }: WorkerStats): HdsStats {
  const { base } = registry.scope("hds_delegate.", HDS_STATS);
  return { count: (stat) => void (slots[base + HDS_STATS.at[stat]]! += 1) };
}
