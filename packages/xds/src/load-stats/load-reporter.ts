import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { durationNanos } from "@nuncio/api";
import type { Node } from "@nuncio/api/types/envoy/config/core/v3/base_pb";
import type { ClusterStatsSchema } from "@nuncio/api/types/envoy/config/endpoint/v3/load_report_pb";
import type { StreamConnection, StreamTransport } from "../client/stream-transport.ts";
import type { Clock, Timer } from "../types/clock.ts";
import {
  loadStatsSchemas,
  type LoadStatsRequest,
  type LoadStatsResponse,
} from "./load-stats-messages.ts";

/** What a report says of a cluster; its name and the interval are the reporter's. */
export type ClusterLoad = Omit<
  MessageInitShape<typeof ClusterStatsSchema>,
  "$typeName" | "clusterName" | "loadReportInterval"
>;

/** Who has counted. */
export interface LoadSource {
  /** Of the clusters that there are now. */
  clusterNames(): Iterable<string>;
  /** Forgets what was counted of a cluster until now: its first interval begins. */
  begin(cluster: string): void;
  /** What was counted since the last call, or since `begin`; null while there is no such cluster. */
  take(cluster: string, byEndpoint: boolean): ClusterLoad | null;
}

/** Envoy's `load_reporter.*`. The owner counts. */
export interface LoadReporterStats {
  /** `requests`: what the server said. */
  request(): void;
  /** `responses`: what it was sent. */
  response(): void;
  /** `errors`: streams that could not be opened, or failed. */
  error(): void;
  /** `retries` */
  retry(): void;
}

/** Settings of a reporter. */
export interface LoadReporterOptions {
  readonly transport: StreamTransport<LoadStatsRequest, LoadStatsResponse>;
  readonly node: Node;
  readonly source: LoadSource;
  readonly clock: Clock;
  /** Between the end of a stream and the next attempt. */
  readonly nextRetryMs: () => number;
  readonly stats?: LoadReporterStats;
}

/** Tells a server that it may ask for all clusters. */
const FEATURE = "envoy.lrs.supports_send_all_clusters";

/**
 * Tells a management server what load clusters have (LRS): the server says which clusters, and how often. What goes on
 * while there is no stream is counted on and reported by the next one.
 */
export class LoadReporter {
  readonly #options: LoadReporterOptions;
  readonly #node: Node;
  /** When the interval under way began, by the names of the clusters that the server asked for. */
  #tracked = new Map<string, number>();
  #asked: LoadStatsResponse | null = null;
  #connection: StreamConnection<LoadStatsRequest> | null = null;
  #reportTimer: Timer | null = null;
  #retryTimer: Timer | null = null;
  #isClosed = false;

  constructor(options: LoadReporterOptions) {
    this.#options = options;
    const { node } = options;
    this.#node = { ...node, clientFeatures: [...node.clientFeatures, FEATURE] };
  }

  /** Opens the first stream. */
  start(): void {
    this.#connect();
  }

  /** Nothing is reported any more. */
  close(): void {
    this.#isClosed = true;
    this.#reportTimer?.cancel();
    this.#retryTimer?.cancel();
    this.#connection?.close();
    this.#connection = null;
  }

  #connect(): void {
    const connection = this.#options.transport.connect({
      onOpen: () => {
        if (this.#connection === connection) this.#report();
      },
      onMessage: (response) => {
        if (this.#connection === connection) this.#receive(response);
      },
      onClose: (_reason, isFailure) => {
        if (this.#connection === connection) this.#disconnected(isFailure);
      },
    });
    this.#connection = connection;
  }

  #receive(response: LoadStatsResponse): void {
    this.#options.stats?.request();
    this.#asked = response;
    this.#beginInterval(response);
  }

  #report(): void {
    const { clock, source, stats } = this.#options;
    const request = create(loadStatsSchemas().request, { node: this.#node });
    const byEndpoint = this.#asked?.reportEndpointGranularity ?? false;
    const schema = loadStatsSchemas().clusterStats;
    for (const [clusterName, sinceMs] of this.#tracked) {
      const load = source.take(clusterName, byEndpoint);
      if (load === null) continue;
      const nowMs = clock.nowMs();
      const loadReportInterval = durationOfMs(nowMs - sinceMs);
      request.clusterStats.push(create(schema, { ...load, clusterName, loadReportInterval }));
      this.#tracked.set(clusterName, nowMs);
    }
    this.#connection?.send(request);
    stats?.response();
    if (this.#asked !== null) this.#beginInterval(this.#asked);
  }

  /** Clusters that were asked for already go on with what they have counted. */
  #beginInterval(asked: LoadStatsResponse): void {
    const { clock, source } = this.#options;
    const before = this.#tracked;
    this.#tracked = new Map();
    for (const name of asked.sendAllClusters ? source.clusterNames() : asked.clusters) {
      const sinceMs = before.get(name);
      if (sinceMs === undefined) source.begin(name);
      this.#tracked.set(name, sinceMs ?? clock.nowMs());
    }
    this.#reportTimer?.cancel();
    const { loadReportingInterval: interval } = asked;
    const intervalMs = interval === undefined ? 0 : Number(durationNanos(interval)) / 1e6;
    this.#reportTimer = clock.setTimer(Math.max(intervalMs, INTERVAL_MS_MIN), () => this.#report());
  }

  #disconnected(isFailure = true): void {
    const { clock, nextRetryMs, stats } = this.#options;
    this.#connection = null;
    this.#reportTimer?.cancel();
    if (isFailure) stats?.error();
    if (this.#isClosed) return;
    this.#retryTimer = clock.setTimer(nextRetryMs(), () => {
      stats?.retry();
      this.#connect();
    });
  }
}

/** A server that asks for no interval is not answered in each turn of the event loop. */
const INTERVAL_MS_MIN = 1;

/** Of fractions of a millisecond, too. */
function durationOfMs(ms: number): ReturnType<typeof durationFromMs> {
  const whole = durationFromMs(Math.floor(ms));
  whole.nanos += Math.floor((ms - Math.floor(ms)) * 1000) * 1000;
  return whole;
}
