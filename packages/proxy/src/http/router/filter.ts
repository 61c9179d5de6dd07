import type { HeaderMap } from "@nuncio/codec";
import { Timer, type TimerTarget } from "../../base/timer-wheel.ts";
import { CLUSTER_STATS } from "../../observe/stats/tables/cluster.ts";
import { ROUTER_STATS } from "../../observe/stats/tables/router.ts";
import { ResponseFlag, type StreamInfo } from "../../observe/stream-info.ts";
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
import { answerDirectly } from "./answer-directly.ts";
import { chooseCluster } from "./choose-cluster.ts";
import { followRedirect } from "./internal-redirect.ts";
import { Mirrors } from "./mirrors.ts";
import { ReplayBody } from "./replay-body.ts";
import { resetReply } from "./reset-reply.ts";
import { RoutedRequest } from "./routed-request.ts";
import type { Router } from "./router.ts";
import { answerHandshake, refusesHandshake, timesHandshake } from "./tunnels.ts";
import { noteBytes, noteConnection, noteHost, noteNextAttempt } from "./upstream-facts.ts";
import type { UpstreamOwner } from "./upstream-owner.ts";
import type { UpstreamRequest } from "./upstream-request.ts";

const STATS = CLUSTER_STATS.at;

/** The terminal filter: sends the request to a host of the route's cluster and brings the response back. */
export class RouterFilter
  implements HttpFilter, TimerTarget, DownstreamWatermarkCallbacks, UpstreamOwner
{
  readonly #router: Router;
  #callbacks!: DecoderFilterCallbacks;
  /** Null before it has a cluster. */
  #request: RoutedRequest | null = null;
  /** The attempt under way. */
  #upstream: UpstreamRequest | null = null;
  /** Other clusters that wait for the rest of the request. */
  #mirrors: Mirrors | null = null;
  /** The body so far, where a redirect may want it again. */
  #replay: ReplayBody | null = null;
  #ended = false;
  readonly #timer: Timer = new Timer(this);
  /** When the whole request had arrived; -1 before. */
  #requestCompleteMs = -1;
  #responseStarted = false;
  #bodyless = false;

  constructor(router: Router) {
    this.#router = router;
  }

  get bufferLimitBytes(): number {
    return this.#callbacks.connectionLimitBytes;
  }

  setDecoderFilterCallbacks(callbacks: DecoderFilterCallbacks): void {
    this.#callbacks = callbacks;
  }

  decodeHeaders(headers: HeaderMap, endStream: boolean): HeadersStatus {
    const callbacks = this.#callbacks;
    const route = callbacks.route();
    this.#router.count(ROUTER_STATS.at.rq_total);
    if (route === null) {
      this.#router.count(ROUTER_STATS.at.no_route);
      callbacks.streamInfo.responseFlags |= ResponseFlag.NoRouteFound;
      callbacks.sendLocalReply(404, "", "route_not_found");
      return HeadersStatus.StopIteration;
    }
    if (route.kind !== "route") {
      answerDirectly(this.#router, callbacks, route, headers);
      return HeadersStatus.StopIteration;
    }
    const cluster = chooseCluster(this.#router, callbacks, route, headers);
    if (cluster === null) return HeadersStatus.StopIteration;
    this.#bodyless = endStream;
    const request = new RoutedRequest(this.#router, callbacks, route, cluster, headers);
    this.#request = request;
    if (route.internalRedirect !== null && !endStream)
      this.#replay = new ReplayBody(callbacks.bufferLimitBytes);
    callbacks.addDownstreamWatermarkCallbacks(this);
    if (endStream) this.#onRequestComplete();
    else if (timesHandshake(callbacks.streamInfo.upgradeType)) this.#armTimer();
    const policies = this.#router.mirrorPolicies(cluster, route);
    const mirrored = policies === null || headers.method === "CONNECT" ? null : headers.clone();
    const sent = this.#send(endStream);
    if (mirrored !== null && sent) this.#mirror(policies!, mirrored, endStream);
    return HeadersStatus.StopIteration;
  }

  decodeData(data: Buffer, endStream: boolean): DataStatus {
    if (endStream) this.#onRequestComplete();
    if (this.#replay !== null) this.#keep(data);
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
    this.#request!.countCluster(STATS.upstream_rq_timeout);
    this.#request!.stats?.countTimeout();
    this.#upstream?.countTimeout();
    this.#giveUp();
    this.#replyTimeout("response_timeout");
  }

  onPerTryTimeout(): void {
    this.#upstream = null;
    this.#replyTimeout("upstream_per_try_timeout");
  }

  #replyTimeout(details: string): void {
    const { streamInfo } = this.#callbacks;
    streamInfo.responseFlags |= ResponseFlag.UpstreamRequestTimeout;
    if (this.#responseStarted) {
      streamInfo.responseCodeDetails = details;
      this.#callbacks.resetStream(details);
      return;
    }
    const status = this.#request!.control?.timeoutAltResponse === true ? 204 : 504;
    this.#request!.countCode(status, false);
    this.#callbacks.sendLocalReply(
      status,
      status === 204 ? "" : "upstream request timeout",
      details,
      this.#request!.decorateReply(false),
    );
  }

  // Flow control.

  pushBack(on: boolean): void {
    if (on) this.#callbacks.onDecoderFilterAboveWriteBufferHighWatermark();
    else this.#callbacks.onDecoderFilterBelowWriteBufferLowWatermark();
  }

  onAboveWriteBufferHighWatermark(): void {
    this.#request!.countCluster(STATS.upstream_flow_control_paused_reading_total);
    this.#upstream?.readDisable(true);
  }

  onBelowWriteBufferLowWatermark(): void {
    this.#request!.countCluster(STATS.upstream_flow_control_resumed_reading_total);
    this.#upstream?.readDisable(false);
  }

  // The upstream request.

  onUpstreamHost(request: UpstreamRequest): void {
    noteHost(this.#info().upstream, request.host);
  }

  onUpstreamConnected(request: UpstreamRequest, connection: UpstreamConnection): void {
    this.#request!.stats?.countAttempt();
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
    this.#request!.countCode(headers.status, false);
    this.#callbacks.encode1xxHeaders(headers);
  }

  onUpstreamHeaders(request: UpstreamRequest, headers: HeaderMap, endStream: boolean): void {
    const routed = this.#request!;
    const info = this.#info();
    const nowMs = this.#router.services.worker.nowMs();
    info.firstUpstreamRxByteMs = nowMs;
    if (request.awaitsSwitch) {
      if (headers.status === 101) this.#router.services.worker.timers.cancel(this.#timer);
      if (refusesHandshake(info.upgradeType, headers.status)) {
        this.#giveUp();
        answerHandshake(this.#callbacks, headers);
        return;
      }
    }
    joinRepeatedLines(headers);
    if (this.#redirect(routed, headers)) return;
    info.responseCode = headers.status;
    info.responseCodeDetails = "via_upstream";
    this.#responseStarted = true;
    routed.countCode(headers.status, request.canary);
    request.countResponse(headers, endStream);
    if (!this.#router.config.suppressEnvoyHeaders) {
      // A response to a request that is still coming has taken no time yet.
      const since = this.#requestCompleteMs;
      if (since >= 0)
        headers.set(
          "x-envoy-upstream-service-time",
          String(Math.max(0, Math.floor(nowMs - since))),
        );
    }
    if (routed.route.includeAttemptCountInResponse)
      headers.set("x-envoy-attempt-count", String(info.upstream.attemptCount));
    routed.route.finalizeResponseHeaders(headers, this.#callbacks.responseContext(headers));
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
    this.#request!.countCode(reply.status, false);
    this.#callbacks.sendLocalReply(
      reply.status,
      reply.body,
      `upstream_reset_before_response_started{${reply.details}}`,
      this.#request!.decorateReply(reason === "overflow"),
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
      this.#request!.decorateReply(false),
    );
  }

  #keep(data: Buffer): void {
    if (this.#replay!.overflowed || this.#replay!.add(data)) return;
    this.#request!.countCluster(STATS.retry_or_shadow_abandoned);
  }

  /** True when the response was a redirect that is followed from here, by a new stream. */
  #redirect(routed: RoutedRequest, response: HeaderMap): boolean {
    const { route, headers } = routed;
    if (route.internalRedirect?.codes.includes(response.status) !== true) return false;
    const { method } = headers;
    const followed =
      this.#requestCompleteMs >= 0 &&
      this.#replay?.overflowed !== true &&
      response.has("location") &&
      followRedirect(this.#router, this.#callbacks, route, headers, response);
    // What became a GET has no body.
    const body = headers.method === method ? (this.#replay?.data ?? null) : null;
    if (followed && this.#callbacks.recreateStream(response, body)) {
      routed.countCluster(STATS.upstream_internal_redirect_succeeded_total);
      return true;
    }
    routed.countCluster(STATS.upstream_internal_redirect_failed_total);
    return false;
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
      this.#request!.timeoutMs,
      endStream,
    );
  }

  /** False when there is no host to send it to, and the request was answered. */
  #send(endStream: boolean): boolean {
    const info = this.#info();
    noteNextAttempt(info.upstream);
    this.#upstream = this.#request!.attempt(this, endStream);
    if (this.#upstream === null) {
      this.#replyNoHealthyUpstream();
      return false;
    }
    this.#upstream.start();
    return true;
  }

  #replyNoHealthyUpstream(): void {
    this.#info().responseFlags |= ResponseFlag.NoHealthyUpstream;
    this.#request!.countCode(503, false);
    const decorate = this.#request!.decorateReply(false);
    this.#callbacks.sendLocalReply(503, "no healthy upstream", "no_healthy_upstream", decorate);
  }

  /** The route's timeout runs from here (Envoy: from the end of the downstream request). */
  #onRequestComplete(): void {
    const { worker } = this.#router.services;
    this.#requestCompleteMs = worker.nowMs();
    this.#armTimer();
  }

  #armTimer(): void {
    const { timeoutMs } = this.#request!;
    if (timeoutMs > 0) this.#router.services.worker.timers.arm(this.#timer, timeoutMs);
  }

  #onResponseComplete(request: UpstreamRequest, nowMs: number): void {
    const info = this.#info();
    info.lastUpstreamRxByteMs = nowMs;
    this.#router.services.worker.timers.cancel(this.#timer);
    this.#upstream = null;
    if (this.#requestCompleteMs >= 0)
      this.#request!.countTime(nowMs - this.#requestCompleteMs, request.canary);
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

  #info(): StreamInfo {
    return this.#callbacks.streamInfo;
  }
}

/** How often a request that never left may look for another connection. */
const ATTEMPTS_MAX = 3;
