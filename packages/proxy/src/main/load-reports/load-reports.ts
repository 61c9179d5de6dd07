import { LoadReporter, loadStatsMethod, readApiConfigSource, systemClock } from "@nuncio/xds";
import type { LoadReporterStats, LoadStatsRequest, LoadStatsResponse } from "@nuncio/xds";
import type { StatsRegistry, WorkerStats } from "../../observe/stats/definition.ts";
import { LOAD_REPORTER_STATS } from "../../observe/stats/tables/load-reporter.ts";
import type { ClusterManager } from "../../upstream/manager/cluster-manager.ts";
import type { CompiledBootstrap } from "../compile-bootstrap.ts";
import type { ControlPlaneReach } from "../control-plane/reach.ts";
import { nodeMessage } from "../node-message.ts";
import { ClusterLoads } from "./cluster-loads.ts";

/** Envoy's pause before another stream of load reports. */
const RETRY_DELAY_MS = 5000;

/** The reporter of `cluster_manager.load_stats_config`, to be started; null when there is none. */
export function loadReports(
  compiled: CompiledBootstrap,
  clusters: ClusterManager,
  reach: ControlPlaneReach,
  registry: StatsRegistry,
  stats: WorkerStats,
): LoadReporter | null {
  const config = compiled.bootstrap.clusterManager?.loadStatsConfig;
  if (config === undefined) return null;
  const source = readApiConfigSource(config);
  if (source.kind !== "grpc") return null;
  return new LoadReporter({
    transport: reach.stream<LoadStatsRequest, LoadStatsResponse>(source, loadStatsMethod()),
    node: nodeMessage(compiled),
    source: new ClusterLoads(clusters),
    clock: systemClock,
    nextRetryMs: () => RETRY_DELAY_MS,
    stats: count(registry, stats),
  });
}

function count(registry: StatsRegistry, { slots }: WorkerStats): LoadReporterStats {
  const { base } = registry.scope("load_reporter.", LOAD_REPORTER_STATS);
  const { at } = LOAD_REPORTER_STATS;
  const add = (stat: keyof typeof at): void => void (slots[base + at[stat]]! += 1);
  return {
    request: () => add("requests"),
    response: () => add("responses"),
    error: () => add("errors"),
    retry: () => add("retries"),
  };
}
