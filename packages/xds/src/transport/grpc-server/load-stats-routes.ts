import { create, type DescMethodBiDiStreaming, type MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import type { Node } from "@nuncio/api/types/envoy/config/core/v3/base_pb";
import {
  loadStatsMethod,
  loadStatsSchemas,
  type ClusterStats,
  type LoadStatsRequest,
  type LoadStatsResponse,
} from "../../load-stats/load-stats-messages.ts";

/** What a proxy is asked to report. */
export interface LoadReportSettings {
  /** Names of clusters, or all that the proxy has. */
  readonly clusters: readonly string[] | "all";
  readonly intervalMs: number;
  /** Not only by locality but by each endpoint; false unless given. */
  readonly byEndpoint?: boolean;
}

/** One report of one proxy. */
export interface LoadReport {
  /** Of the stream's first message; proxies may leave it out later. */
  readonly node: Node | undefined;
  readonly clusterStats: readonly ClusterStats[];
}

/** Who takes load reports. */
export interface LoadReportOptions {
  /** Asked with a stream's first message. */
  settingsFor(node: Node | undefined): LoadReportSettings;
  /** Called for each report, the first one is empty; what it throws ends the stream. */
  onReport(report: LoadReport): void;
  /** The stream is over: no report of it follows. */
  onEnd?(node: Node | undefined): void;
}

/** Adds the service that takes load reports (LRS) to a router. */
export function loadStatsRoutes(router: ConnectRouter, options: LoadReportOptions): void {
  const method = loadStatsMethod() as DescMethodBiDiStreaming;
  router.rpc(method, (requests) => serve(requests as AsyncIterable<LoadStatsRequest>, options));
}

async function* serve(
  requests: AsyncIterable<LoadStatsRequest>,
  options: LoadReportOptions,
): AsyncGenerator<LoadStatsResponse> {
  let node: Node | undefined;
  let isFirst = true;
  try {
    for await (const request of requests) {
      node = request.node ?? node;
      report(options, { node, clusterStats: request.clusterStats });
      if (isFirst) yield responseOf(options.settingsFor(node));
      isFirst = false;
    }
  } finally {
    options.onEnd?.(node);
  }
}

function report(options: LoadReportOptions, one: LoadReport): void {
  try {
    options.onReport(one);
  } catch (error) {
    throw new ConnectError((error as Error).message, Code.FailedPrecondition);
  }
}

function responseOf({ clusters, intervalMs, byEndpoint }: LoadReportSettings): LoadStatsResponse {
  const schema = loadStatsSchemas().response;
  const which: MessageInitShape<typeof schema> =
    clusters === "all" ? { sendAllClusters: true } : { clusters: [...clusters] };
  return create(schema, {
    ...which,
    loadReportingInterval: durationFromMs(intervalMs),
    reportEndpointGranularity: byEndpoint ?? false,
  });
}
