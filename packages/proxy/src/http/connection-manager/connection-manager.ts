import type { Http1Options } from "@nuncio/codec";
import { Http2CodecStats } from "../../http2/counters.ts";
import type { NetworkServices } from "../../network/services.ts";
import type { AccessLog } from "../../observe/access-log/access-log.ts";
import {
  HCM_STATS,
  ROUTE_RESOLUTION_STATS,
} from "../../observe/stats/tables/http-connection-manager.ts";
import { HTTP1_STATS } from "../../observe/stats/tables/http1.ts";
import { LISTENER_HTTP_STATS } from "../../observe/stats/tables/listener.ts";
import type { StreamInfo } from "../../observe/stream-info.ts";
import type { CloseReason, Connection } from "../../transport/connection.ts";
import type { HttpFilterFactory } from "../filters/extension.ts";
import { HeaderMutationList } from "../header-mutations/header-mutation-list.ts";
import type { RouteTable } from "../route/table.ts";
import type { ActiveStream } from "./active-stream.ts";
import { ForwardedClientCert } from "./forwarded-client-cert.ts";
import { withIgnoredUpgrades } from "./http1/ignored-upgrades.ts";
import { LocalReplyRewriter } from "./local-reply-rewriter.ts";
import type { HttpConnectionManagerConfig } from "./model.ts";
import { RequestHeaderRules } from "./request-headers.ts";
import { ResponseHeaderRules } from "./response-headers.ts";
import type { DownstreamProtocol, DownstreamSession } from "./session.ts";
import { TraceSampling } from "./trace-sampling.ts";
import { Upgrades, type UpgradeSlot } from "./upgrades.ts";

const STATS = HCM_STATS.at;
const LISTENER_STATS = LISTENER_HTTP_STATS.at;

/** One HTTP filter of the chain, built. */
export interface FilterSlot {
  readonly name: string;
  /** Off unless the route turns it on. */
  readonly disabled: boolean;
  readonly factory: HttpFilterFactory;
}

/** One configuration of an HTTP connection manager on one worker: what all requests that began under it share. */
export class ConnectionManager {
  readonly config: HttpConnectionManagerConfig;
  readonly services: NetworkServices;
  readonly filters: readonly FilterSlot[];
  readonly upgrades: Upgrades;
  /** Of the downstream codecs. */
  readonly http1: Http1Options;
  readonly routeTable: RouteTable;
  readonly earlyMutations: HeaderMutationList | null;
  readonly requestRules: RequestHeaderRules;
  readonly clientCert: ForwardedClientCert;
  readonly traceSampling: TraceSampling | null;
  readonly responseRules: ResponseHeaderRules;
  readonly localReply: LocalReplyRewriter | null;
  /** The worker's stats, and where this manager's begin. */
  readonly slots: Float64Array;
  readonly base: number;
  readonly #listenerBase: number;
  readonly #accessLogs: readonly AccessLog[];
  #http2Stats: Http2CodecStats | null = null;
  readonly #onException: (error: unknown) => void;
  /** Requests under way. */
  #requests = 0;
  #retired = false;

  constructor(
    config: HttpConnectionManagerConfig,
    services: NetworkServices,
    routeTable: RouteTable,
    filters: readonly FilterSlot[],
    upgrades: readonly UpgradeSlot[],
  ) {
    this.config = config;
    this.services = services;
    this.routeTable = routeTable;
    this.filters = filters;
    this.upgrades = new Upgrades(upgrades, filters);
    this.http1 = withIgnoredUpgrades(config);
    const { worker } = services;
    this.earlyMutations =
      config.earlyMutations.length === 0
        ? null
        : new HeaderMutationList(config.earlyMutations, worker);
    this.clientCert = new ForwardedClientCert(config, worker);
    this.traceSampling =
      config.tracing === null ? null : new TraceSampling(config.tracing, config.requestId, worker);
    this.requestRules = new RequestHeaderRules(config, services.hostIp);
    this.responseRules = new ResponseHeaderRules(config);
    this.localReply =
      config.localReply === null
        ? null
        : new LocalReplyRewriter(config.localReply, services.worker);
    this.slots = services.worker.stats.slots;
    this.base = config.scope.base;
    this.#listenerBase = config.listenerScope.base;
    this.#accessLogs = services.buildAccessLogs(config.accessLogs);
    this.#onException = services.onFilterException;
  }

  /** No request begins under it any more; what it holds goes with the last one that is under way. Idempotent. */
  retire(): void {
    if (this.#retired) return;
    this.#retired = true;
    if (this.#requests === 0) this.#close();
  }

  #close(): void {
    for (const { factory } of this.filters) factory.close?.();
    this.upgrades.close();
    for (const log of this.#accessLogs) log.close();
  }

  onFilterException(error: unknown): void {
    this.#onException(error);
  }

  countConnection({ tls }: Connection): void {
    const { slots, base } = this;
    slots[base + STATS.downstream_cx_total]! += 1;
    slots[base + STATS.downstream_cx_active]! += 1;
    if (tls === null) return;
    slots[base + STATS.downstream_cx_ssl_total]! += 1;
    slots[base + STATS.downstream_cx_ssl_active]! += 1;
  }

  /** A connection got its first byte, and with it its protocol. */
  countCodec(protocol: DownstreamProtocol): void {
    const { slots, base } = this;
    slots[base + STATS[`downstream_cx_${protocol}_total`]]! += 1;
    slots[base + STATS[`downstream_cx_${protocol}_active`]]! += 1;
  }

  /** `session`: null when there was no first byte. */
  countClose(connection: Connection, reason: CloseReason, session: DownstreamSession | null): void {
    const { slots, base } = this;
    slots[base + STATS.downstream_cx_active]! -= 1;
    if (connection.tls !== null) slots[base + STATS.downstream_cx_ssl_active]! -= 1;
    if (session !== null) slots[base + STATS[`downstream_cx_${session.protocol}_active`]]! -= 1;
    slots[base + STATS.downstream_cx_destroy]! += 1;
    // Nothing is kept between two callbacks, so these two only ever show that there was something.
    slots[base + STATS.downstream_cx_rx_bytes_buffered]! += 0;
    slots[base + STATS.downstream_cx_tx_bytes_buffered]! += 0;
    this.services.worker.stats.record(
      this.config.scope.histogramBase + STATS.downstream_cx_length_ms,
      Math.round(this.services.worker.nowMs() - connection.startMs),
    );
    if (reason === "local") slots[base + STATS.downstream_cx_destroy_local]! += 1;
    else slots[base + STATS.downstream_cx_destroy_remote]! += 1;
    if (session?.hasStreams !== true) return;
    slots[base + STATS.downstream_cx_destroy_active_rq]! += 1;
    if (reason === "local") slots[base + STATS.downstream_cx_destroy_local_active_rq]! += 1;
    else slots[base + STATS.downstream_cx_destroy_remote_active_rq]! += 1;
  }

  /** Of `http2.`, which all connection managers share; they appear with the first codec. */
  http2Stats(): Http2CodecStats {
    return (this.#http2Stats ??= new Http2CodecStats(
      this.services.worker.stats,
      this.config.http2.scope,
    ));
  }

  /** Of `http1.`, which all connection managers share. */
  countHttp1(stat: keyof typeof HTTP1_STATS.at, by = 1): void {
    this.slots[this.config.http1Scope.base + HTTP1_STATS.at[stat]]! += by;
  }

  /** A request was allowed to switch protocols. */
  countUpgrade(): void {
    const { slots, base } = this;
    slots[base + STATS.downstream_cx_upgrades_total]! += 1;
    slots[base + STATS.downstream_cx_upgrades_active]! += 1;
  }

  /** A request begins; `completeRequest` is its end. */
  countRequest(protocol: DownstreamProtocol): void {
    const { slots, base } = this;
    this.#requests++;
    slots[base + STATS.downstream_rq_total]! += 1;
    slots[
      base +
        (protocol === "http1" ? STATS.downstream_rq_http1_total : STATS.downstream_rq_http2_total)
    ]! += 1;
    slots[base + STATS.downstream_rq_active]! += 1;
  }

  /** With each head that is sent, also of an interim response. */
  countResponse(stream: ActiveStream, status: number): void {
    const { slots, base } = this;
    this.countTracing(stream);
    if (stream.streamInfo.healthCheck) {
      slots[base + STATS["tracing.health_check"]]! += 1;
      return;
    }
    const listener = this.#listenerBase;
    slots[base + STATS.downstream_rq_completed]! += 1;
    slots[listener + LISTENER_STATS.downstream_rq_completed]! += 1;
    // The five classes stand in a row in both tables.
    const kind = Math.floor(status / 100) - 1;
    if (kind < 0 || kind > 4) return;
    slots[base + STATS.downstream_rq_1xx + kind]! += 1;
    slots[listener + LISTENER_STATS.downstream_rq_1xx + kind]! += 1;
  }

  /** As often as a response is counted, and for a stream whose redirect is followed. */
  countTracing({ traceReason, streamInfo }: ActiveStream): void {
    if (this.traceSampling === null) return;
    const reason = streamInfo.healthCheck ? "not_traceable" : traceReason;
    this.slots[this.base + STATS[`tracing.${reason}`]]! += 1;
  }

  /** The stream's log line and its last stats; `completed`: its response was written to the end. */
  completeRequest(stream: ActiveStream, completed: boolean): void {
    this.slots[this.base + STATS.downstream_rq_active]! -= 1;
    if (completed) {
      const info = stream.streamInfo;
      this.services.worker.stats.record(
        this.config.scope.histogramBase + STATS.downstream_rq_time,
        Math.round(info.endMs - info.startMs),
      );
    }
    if (this.config.routeResolutionScope !== null) this.#recordRouteResolution(stream.streamInfo);
    stream.streamInfo.accessLogType = "DownstreamEnd";
    this.log(stream);
    if (--this.#requests === 0 && this.#retired) this.#close();
  }

  log(stream: ActiveStream): void {
    for (const log of this.#accessLogs) log.log(stream);
  }

  #recordRouteResolution({ routeResolutionCount, routeResolutionUs }: StreamInfo): void {
    const { stats } = this.services.worker;
    const { histogramBase } = this.config.routeResolutionScope!;
    const { at } = ROUTE_RESOLUTION_STATS;
    stats.record(histogramBase + at.downstream_rq_route_resolutions, routeResolutionCount);
    stats.record(
      histogramBase + at.downstream_rq_route_resolution_time_us,
      Math.max(routeResolutionUs, 0),
    );
  }
}
