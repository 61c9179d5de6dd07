import type { HeaderMap } from "@nuncio/codec";
import { Timer, type TimerTarget } from "../../base/timer-wheel.ts";
import { isGrpcRequest } from "../../observe/format/grpc-status.ts";
import { CLUSTER_STATS } from "../../observe/stats/tables/cluster.ts";
import { ROUTER_STATS } from "../../observe/stats/tables/router.ts";
import { ResponseFlag, type StreamInfo } from "../../observe/stream-info.ts";
import type { Cluster } from "../../upstream/cluster.ts";
import type { ResetReason } from "../../upstream/pool/pool-request.ts";
import type { UpstreamConnection } from "../../upstream/pool/upstream-connection.ts";
import {
  DataStatus,
  HeadersStatus,
  TrailersStatus,
  type DecoderFilterCallbacks,
  type DownstreamWatermarkCallbacks,
  type HttpFilter,
} from "../filter.ts";
import { joinRepeatedLines } from "../header-mutations/header-lines.ts";
import type { MirrorPolicy } from "../mirror/mirror-policy.ts";
import type { RouteEntry } from "../route/entry.ts";
import { rewriteHost } from "../route/table/host-rewrite.ts";
import { answerDirectly } from "./answer-directly.ts";
import { chooseCluster } from "./choose-cluster.ts";
import { type ControlHeaders, takeControlHeaders } from "./control-headers.ts";
import { Mirrors } from "./mirrors.ts";
import { resetReply } from "./reset-reply.ts";
import type { Router } from "./router.ts";
import { noteBytes, noteConnection, noteHost, noteNextAttempt } from "./upstream-facts.ts";
import type { UpstreamOwner } from "./upstream-owner.ts";
import { UpstreamRequest } from "./upstream-request.ts";

const STATS = CLUSTER_STATS.at;

/** The terminal filter: sends the request to a host of the route's cluster and brings the response back. */
export class RouterFilter
  implements HttpFilter, TimerTarget, DownstreamWatermarkCallbacks, UpstreamOwner
{
  readonly #router: Router;
  #callbacks!: DecoderFilterCallbacks;
  #headers: HeaderMap | null = null;
  #route: RouteEntry | null = null;
  #cluster: Cluster | null = null;
  /** The attempt under way. */
  #upstream: UpstreamRequest | null = null;
  /** Other clusters that wait for the rest of the request. */
  #mirrors: Mirrors | null = null;
  #ended = false;
  #grpc = false;
  #timeoutMs = 0;
  #control: ControlHeaders | null = null;
  readonly #timer: Timer = new Timer(this);
  /** When the whole request had arrived; -1 before. */
  #requestCompleteMs = -1;
  #responseStarted = false;
  #bodyless = false;

  constructor(router: Router) {
    this.#router = router;
  }

  get bufferLimitBytes(): number {
    return this.#callbacks.bufferLimitBytes;
  }

  setDecoderFilterCallbacks(callbacks: DecoderFilterCallbacks): void {
    this.#callbacks = callbacks;
  }

  decodeHeaders(headers: HeaderMap, endStream: boolean): HeadersStatus {
    const callbacks = this.#callbacks;
    const route = callbacks.route();
    this.#headers = headers;
    this.#router.count(ROUTER_STATS.at.rq_total);
    if (route === null) {
      this.#router.count(ROUTER_STATS.at.no_route);
      callbacks.streamInfo.responseFlags |= ResponseFlag.NoRouteFound;
      callbacks.sendLocalReply(404, "", "route_not_found");
      return HeadersStatus.StopIteration;
    }
    this.#route = route;
    if (route.kind !== "route") {
      answerDirectly(this.#router, callbacks, route, headers);
      return HeadersStatus.StopIteration;
    }
    this.#cluster = chooseCluster(this.#router, callbacks, route, headers);
    if (this.#cluster === null) return HeadersStatus.StopIteration;
    this.#bodyless = endStream;
    this.#prepare(route, headers);
    callbacks.addDownstreamWatermarkCallbacks(this);
    if (endStream) this.#onRequestComplete();
    const policies = this.#router.mirrorPolicies(this.#cluster, route);
    const mirrored = policies === null || headers.method === "CONNECT" ? null : headers.clone();
    const sent = this.#send(endStream);
    if (mirrored !== null && sent) this.#mirror(policies!, mirrored, endStream);
    return HeadersStatus.StopIteration;
  }

  decodeData(data: Buffer, endStream: boolean): DataStatus {
    if (endStream) this.#onRequestComplete();
    this.#upstream?.data(data, endStream);
    this.#mirrors?.data(data, endStream);
    return DataStatus.StopIterationNoBuffer;
  }

  decodeTrailers(trailers: HeaderMap): TrailersStatus {
    this.#onRequestComplete();
    this.#upstream?.trailers(trailers);
    this.#mirrors?.trailers(trailers);
    return TrailersStatus.StopIteration;
  }

  /** The stream is over, whether the response is complete or not; the log is written next. */
  onStreamComplete(): void {
    this.#ended = true;
    this.#router.services.worker.timers.cancel(this.#timer);
    this.#giveUp();
    if (this.#requestCompleteMs < 0) this.#mirrors?.cancel();
  }

  onTimer(): void {
    const { streamInfo } = this.#callbacks;
    this.#countCluster(STATS.upstream_rq_timeout);
    this.#upstream?.countTimeout();
    this.#giveUp();
    streamInfo.responseFlags |= ResponseFlag.UpstreamRequestTimeout;
    if (this.#responseStarted) {
      streamInfo.responseCodeDetails = "response_timeout";
      this.#callbacks.resetStream("response_timeout");
      return;
    }
    const status = this.#control?.timeoutAltResponse === true ? 204 : 504;
    this.#countCode(status, false);
    this.#callbacks.sendLocalReply(
      status,
      status === 204 ? "" : "upstream request timeout",
      "response_timeout",
    );
  }

  // Flow control.

  pushBack(on: boolean): void {
    if (on) this.#callbacks.onDecoderFilterAboveWriteBufferHighWatermark();
    else this.#callbacks.onDecoderFilterBelowWriteBufferLowWatermark();
  }

  onAboveWriteBufferHighWatermark(): void {
    this.#countCluster(STATS.upstream_flow_control_paused_reading_total);
    this.#upstream?.readDisable(true);
  }

  onBelowWriteBufferLowWatermark(): void {
    this.#countCluster(STATS.upstream_flow_control_resumed_reading_total);
    this.#upstream?.readDisable(false);
  }

  // The upstream request.

  onUpstreamHost(request: UpstreamRequest): void {
    noteHost(this.#info().upstream, request.host);
  }

  onUpstreamConnected(request: UpstreamRequest, connection: UpstreamConnection): void {
    this.onUpstreamHost(request);
    const waitedMs = this.#router.services.worker.nowMs() - request.startMs;
    noteConnection(this.#info().upstream, connection, waitedMs);
  }

  onUpstreamSent(_request: UpstreamRequest, endStream: boolean): void {
    const info = this.#info();
    const nowMs = this.#router.services.worker.nowMs();
    if (info.firstUpstreamTxByteMs < 0) info.firstUpstreamTxByteMs = nowMs;
    if (endStream) info.lastUpstreamTxByteMs = nowMs;
  }

  onUpstream1xxHeaders(_request: UpstreamRequest, headers: HeaderMap): void {
    this.#countCode(headers.status, false);
    this.#callbacks.encode1xxHeaders(headers);
  }

  onUpstreamHeaders(request: UpstreamRequest, headers: HeaderMap, endStream: boolean): void {
    const route = this.#route!;
    const info = this.#info();
    const nowMs = this.#router.services.worker.nowMs();
    info.firstUpstreamRxByteMs = nowMs;
    info.responseCode = headers.status;
    info.responseCodeDetails = "via_upstream";
    this.#responseStarted = true;
    joinRepeatedLines(headers);
    this.#countCode(headers.status, request.canary);
    if (!this.#router.config.suppressEnvoyHeaders) {
      // A response to a request that is still coming has taken no time yet.
      const since = this.#requestCompleteMs;
      if (since >= 0)
        headers.set(
          "x-envoy-upstream-service-time",
          String(Math.max(0, Math.floor(nowMs - since))),
        );
      if (route.includeAttemptCountInResponse)
        headers.set("x-envoy-attempt-count", String(info.upstream.attemptCount));
    }
    route.finalizeResponseHeaders(headers, this.#callbacks.responseContext(headers));
    if (endStream) this.#onResponseComplete(request, nowMs);
    this.#callbacks.encodeHeaders(headers, endStream);
  }

  onUpstreamData(request: UpstreamRequest, data: Buffer, endStream: boolean): void {
    const info = this.#info();
    if (info.firstUpstreamRxBodyByteMs < 0)
      info.firstUpstreamRxBodyByteMs = this.#router.services.worker.nowMs();
    if (endStream) this.#onResponseComplete(request, this.#router.services.worker.nowMs());
    this.#callbacks.encodeData(data, endStream);
  }

  onUpstreamTrailers(request: UpstreamRequest, trailers: HeaderMap): void {
    this.#onResponseComplete(request, this.#router.services.worker.nowMs());
    this.#callbacks.encodeTrailers(trailers);
  }

  onUpstreamReset(
    request: UpstreamRequest,
    reason: ResetReason,
    details: string,
    untouched: boolean,
  ): void {
    if (this.#upstream !== request) return;
    this.#upstream = null;
    // The peer closed an idle connection just as it was chosen: nothing was sent, so another one may be.
    if (
      untouched &&
      reason === "connection_termination" &&
      this.#bodyless &&
      this.#info().upstream.attemptCount <= ATTEMPTS_MAX
    ) {
      this.#send(true);
      return;
    }
    const reply = resetReply(reason, details);
    const info = this.#info();
    info.responseFlags |= reply.flag;
    info.upstream.transportFailureReason = details;
    if (reason !== "overflow") request.countFailure();
    if (this.#responseStarted) {
      // Only gRPC, as in Envoy: whether other responses had succeeded was decided by their status.
      if (request.grpcPending)
        this.#router.count(ROUTER_STATS.at.rq_reset_after_downstream_response_started);
      info.responseCodeDetails = `upstream_reset_after_response_started{${reply.details}}`;
      this.#callbacks.resetStream(info.responseCodeDetails);
      return;
    }
    this.#countCode(reply.status, false);
    this.#callbacks.sendLocalReply(
      reply.status,
      reply.body,
      `upstream_reset_before_response_started{${reply.details}}`,
      reason === "overflow" && !this.#router.config.suppressEnvoyHeaders
        ? setOverloaded
        : undefined,
    );
  }

  /** The cluster's limit for one exchange, or that of a trusted sender; not the connection manager's. */
  onStreamDurationReached(): void {
    this.#upstream = null;
    const info = this.#info();
    this.#router.services.worker.timers.cancel(this.#timer);
    info.responseFlags |= ResponseFlag.UpstreamMaxStreamDurationReached;
    this.#callbacks.sendLocalReply(
      this.#requestCompleteMs >= 0 ? 504 : 408,
      "upstream max stream duration reached",
      "upstream_max_stream_duration_reached",
    );
  }

  #mirror(policies: readonly MirrorPolicy[], headers: HeaderMap, endStream: boolean): void {
    // With the stream gone nobody would send the rest.
    if (this.#ended && !endStream) return;
    this.#mirrors = Mirrors.start(
      this.#router,
      policies,
      this.#callbacks,
      headers,
      this,
      this.#timeoutMs,
      endStream,
    );
  }

  #prepare(route: RouteEntry, headers: HeaderMap): void {
    const { config } = this.#router;
    this.#grpc = isGrpcRequest(headers);
    this.#control = takeControlHeaders(headers);
    this.#timeoutMs = this.#router.timeoutOf(route, headers, this.#control);
    if (!config.suppressEnvoyHeaders && this.#timeoutMs > 0) {
      headers.set("x-envoy-expected-rq-timeout-ms", String(this.#timeoutMs));
    }
    if (route.includeRequestAttemptCount) headers.set("x-envoy-attempt-count", "1");
    // Upstreams are reached over plaintext only.
    if (this.#callbacks.streamInfo.schemeMatchesUpstream) headers.scheme = "http";
    route.finalizeRequestHeaders(
      headers,
      this.#callbacks.formatContext,
      !config.suppressEnvoyHeaders,
    );
  }

  /** False when there is no host to send it to, and the request was answered. */
  #send(endStream: boolean): boolean {
    const cluster = this.#cluster!;
    const route = this.#route!;
    noteNextAttempt(this.#info().upstream);
    const host = cluster.chooseHost(null);
    if (host === null) this.#countCluster(STATS.upstream_cx_none_healthy);
    const pool = host === null ? null : this.#router.pools.of(cluster, host, route.priority);
    if (host === null || pool === null) {
      this.#replyNoHealthyUpstream();
      return false;
    }
    const headers = this.#headers!;
    if (route.autoHostRewrite && host.hostname !== "") {
      rewriteHost(
        headers,
        host.hostname,
        route.appendXForwardedHost,
        !this.#router.config.suppressEnvoyHeaders,
      );
    }
    this.#upstream = new UpstreamRequest(this, pool, headers, this.#grpc, endStream);
    this.#upstream.start();
    return true;
  }

  #replyNoHealthyUpstream(): void {
    this.#info().responseFlags |= ResponseFlag.NoHealthyUpstream;
    this.#countCode(503, false);
    this.#callbacks.sendLocalReply(503, "no healthy upstream", "no_healthy_upstream");
  }

  /** The route's timeout runs from here (Envoy: from the end of the downstream request). */
  #onRequestComplete(): void {
    const { worker } = this.#router.services;
    this.#requestCompleteMs = worker.nowMs();
    if (this.#timeoutMs > 0) worker.timers.arm(this.#timer, this.#timeoutMs);
  }

  #onResponseComplete(request: UpstreamRequest, nowMs: number): void {
    const info = this.#info();
    info.lastUpstreamRxByteMs = nowMs;
    this.#router.services.worker.timers.cancel(this.#timer);
    this.#upstream = null;
    if (this.#requestCompleteMs >= 0) {
      this.#router
        .codeStats(this.#cluster!)
        .time(Math.round(nowMs - this.#requestCompleteMs), this.#internal(), request.canary);
    }
  }

  #giveUp(): void {
    const upstream = this.#upstream;
    this.#upstream = null;
    upstream?.reset();
  }

  onUpstreamReleased(_request: UpstreamRequest, connection: UpstreamConnection): void {
    noteBytes(this.#info(), connection);
  }

  onEarlyLog(): void {
    const connection = this.#upstream?.connection ?? null;
    if (connection !== null) noteBytes(this.#info(), connection);
  }

  #countCode(status: number, canary: boolean): void {
    const codes = this.#router.codeStats(this.#cluster!);
    const internal = this.#internal();
    codes.count(status, internal, canary);
    const alternative = this.#control?.altStatName ?? "";
    if (alternative !== "") codes.countAlternative(alternative, status, internal, canary);
  }

  #countCluster(stat: number): void {
    this.#router.services.worker.stats.slots[this.#cluster!.statsBase + stat]! += 1;
  }

  #internal(): boolean {
    return this.#headers!.get("x-envoy-internal") === "true";
  }

  #info(): StreamInfo {
    return this.#callbacks.streamInfo;
  }
}

/** How often a request that never left may look for another connection. */
const ATTEMPTS_MAX = 3;

function setOverloaded(headers: HeaderMap): void {
  headers.set("x-envoy-overloaded", "true");
}
