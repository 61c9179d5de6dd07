import type { HeaderMap } from "@nuncio/codec";
import { CLUSTER_STATS } from "../../observe/stats/tables/cluster.ts";
import { ROUTER_STATS } from "../../observe/stats/tables/router.ts";
import { ResponseFlag } from "../../observe/stream-info.ts";
import type { UpstreamStream } from "../../upstream/pool/upstream-stream.ts";
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
import { Attempts } from "./attempts.ts";
import { chooseCluster } from "./choose-cluster.ts";
import { Mirrors } from "./mirrors.ts";
import { RoutedRequest } from "./routed-request.ts";
import { answerHandshake, refusesHandshake, timesHandshake } from "./tunnels.ts";
import { noteBytes, noteConnection } from "./upstream-facts.ts";
import type { UpstreamRequest } from "./upstream-request.ts";

const STATS = CLUSTER_STATS.at;

/** The terminal filter: sends the request to a host of the route's cluster and brings the response back. */
export class RouterFilter extends Attempts implements HttpFilter, DownstreamWatermarkCallbacks {
  /** Other clusters that wait for the rest of the request. */
  #mirrors: Mirrors | null = null;
  #ended = false;

  setDecoderFilterCallbacks(callbacks: DecoderFilterCallbacks): void {
    this.callbacks = callbacks;
  }

  decodeHeaders(headers: HeaderMap, endStream: boolean): HeadersStatus {
    const callbacks = this.callbacks;
    const route = callbacks.route();
    this.router.count(ROUTER_STATS.at.rq_total);
    if (route === null) {
      this.router.count(ROUTER_STATS.at.no_route);
      callbacks.streamInfo.responseFlags |= ResponseFlag.NoRouteFound;
      callbacks.sendLocalReply(404, "", "route_not_found");
      return HeadersStatus.StopIteration;
    }
    if (route.kind !== "route") {
      answerDirectly(this.router, callbacks, route, headers);
      return HeadersStatus.StopIteration;
    }
    const cluster = chooseCluster(this.router, callbacks, route, headers);
    if (cluster === null) return HeadersStatus.StopIteration;
    this.bodyless = endStream;
    const request = new RoutedRequest(this.router, callbacks, route, cluster, headers, this);
    this.request = request;
    if (route.internalRedirect !== null || request.retryState !== null) this.keepRequest(endStream);
    callbacks.addDownstreamWatermarkCallbacks(this);
    if (endStream) this.#onRequestComplete();
    else if (timesHandshake(callbacks.streamInfo.upgradeType)) this.#armTimer();
    const policies = this.router.mirrorPolicies(cluster, route);
    const mirrored = policies === null || headers.method === "CONNECT" ? null : headers.clone();
    const sent = this.send(endStream, false);
    if (mirrored !== null && sent) this.#mirror(policies!, mirrored, endStream);
    return HeadersStatus.StopIteration;
  }

  decodeData(data: Buffer, endStream: boolean): DataStatus {
    if (endStream) this.#onRequestComplete();
    if (this.kept !== null && !this.keep(data)) return DataStatus.StopIterationNoBuffer;
    this.upstream?.data(data, endStream);
    this.#mirrors?.data(data, endStream);
    return DataStatus.StopIterationNoBuffer;
  }

  decodeTrailers(trailers: HeaderMap): TrailersStatus {
    this.#onRequestComplete();
    if (this.kept !== null) this.kept.trailers = trailers;
    this.upstream?.trailers(trailers);
    this.#mirrors?.trailers(trailers);
    return TrailersStatus.StopIteration;
  }

  onLocalReply(): void {
    this.router.services.worker.timers.cancel(this.timer);
    this.giveUp();
  }

  /** The stream is over, whether the response is complete or not; the log is written next. */
  onStreamComplete(): void {
    this.#ended = true;
    this.onLocalReply();
    if (this.requestCompleteMs < 0) this.#mirrors?.cancel();
  }

  // Flow control.

  pushBack(on: boolean): void {
    if (on) this.callbacks.onDecoderFilterAboveWriteBufferHighWatermark();
    else this.callbacks.onDecoderFilterBelowWriteBufferLowWatermark();
  }

  onAboveWriteBufferHighWatermark(): void {
    this.request!.countCluster(STATS.upstream_flow_control_paused_reading_total);
    this.readsDisabled++;
    this.upstream?.readDisable(true);
    for (const other of this.retries?.others ?? []) other.readDisable(true);
  }

  onBelowWriteBufferLowWatermark(): void {
    this.request!.countCluster(STATS.upstream_flow_control_resumed_reading_total);
    this.readsDisabled--;
    this.upstream?.readDisable(false);
    for (const other of this.retries?.others ?? []) other.readDisable(false);
  }

  // The upstream request.

  onUpstreamConnected(request: UpstreamRequest, stream: UpstreamStream): void {
    this.request!.stats?.countAttempt();
    this.onUpstreamHost(request);
    const waitedMs = this.router.services.worker.nowMs() - request.startMs;
    noteConnection(this.info.upstream, stream, waitedMs);
  }

  onUpstreamSent(_request: UpstreamRequest, endStream: boolean): void {
    const info = this.info;
    const nowMs = this.router.services.worker.nowMs();
    if (info.firstUpstreamTxByteMs < 0) info.firstUpstreamTxByteMs = nowMs;
    if (endStream) info.lastUpstreamTxByteMs = nowMs;
  }

  onUpstream1xxHeaders(request: UpstreamRequest, headers: HeaderMap): void {
    this.request!.countCode(headers.status, false);
    this.settle(request);
    this.callbacks.encode1xxHeaders(headers);
  }

  onUpstreamHeaders(request: UpstreamRequest, headers: HeaderMap, endStream: boolean): void {
    const routed = this.request!;
    const info = this.info;
    const nowMs = this.router.services.worker.nowMs();
    info.firstUpstreamRxByteMs = nowMs;
    if (request.awaitsSwitch) {
      if (headers.status === 101) this.router.services.worker.timers.cancel(this.timer);
      if (refusesHandshake(info.upgradeType, headers.status, info.upstream.protocol)) {
        this.giveUp();
        answerHandshake(this.callbacks, headers);
        return;
      }
    }
    joinRepeatedLines(headers);
    if (this.retries?.replaces(request, headers, this.upstream) === true) {
      this.drop(request);
      request.reset();
      return;
    }
    if (this.redirects?.follow(headers, this.requestCompleteMs >= 0) === true) return;
    this.settle(request);
    info.responseCode = headers.status;
    info.responseCodeDetails = "via_upstream";
    routed.countCode(headers.status, request.canary);
    request.countResponse(headers, endStream);
    if (!this.router.config.suppressEnvoyHeaders) {
      // A response to a request that is still coming has taken no time yet.
      const since = this.requestCompleteMs;
      if (since >= 0)
        headers.set(
          "x-envoy-upstream-service-time",
          String(Math.max(0, Math.floor(nowMs - since))),
        );
    }
    routed.addCookies(headers);
    routed.route.finalizeResponseHeaders(headers, this.callbacks.responseContext(headers));
    if (routed.route.includeAttemptCountInResponse)
      headers.set("x-envoy-attempt-count", String(info.upstream.attemptCount));
    if (endStream) this.#onResponseComplete(request, nowMs);
    this.callbacks.encodeHeaders(headers, endStream);
  }

  onUpstreamData(request: UpstreamRequest, data: Buffer, endStream: boolean): void {
    const info = this.info;
    if (info.firstUpstreamRxBodyByteMs < 0)
      info.firstUpstreamRxBodyByteMs = this.router.services.worker.nowMs();
    if (endStream) this.#onResponseComplete(request, this.router.services.worker.nowMs());
    this.callbacks.encodeData(data, endStream);
  }

  onUpstreamTrailers(request: UpstreamRequest, trailers: HeaderMap): void {
    joinRepeatedLines(trailers);
    this.#onResponseComplete(request, this.router.services.worker.nowMs());
    this.callbacks.encodeTrailers(trailers);
  }

  #mirror(policies: readonly MirrorPolicy[], headers: HeaderMap, endStream: boolean): void {
    // With the stream gone nobody would send the rest.
    if (this.#ended && !endStream) return;
    this.#mirrors = Mirrors.start(
      this.router,
      policies,
      this.callbacks,
      headers,
      this,
      this.request!.timeoutMs,
      endStream,
    );
  }

  /** The route's timeout runs from here (Envoy: from the end of the downstream request). */
  #onRequestComplete(): void {
    const { worker } = this.router.services;
    this.requestCompleteMs = worker.nowMs();
    this.#armTimer();
  }

  #armTimer(): void {
    const { timeoutMs } = this.request!;
    if (timeoutMs > 0) this.router.services.worker.timers.arm(this.timer, timeoutMs);
  }

  #onResponseComplete(request: UpstreamRequest, nowMs: number): void {
    const info = this.info;
    info.lastUpstreamRxByteMs = nowMs;
    this.router.services.worker.timers.cancel(this.timer);
    this.upstream = null;
    if (this.requestCompleteMs >= 0)
      this.request!.countTime(nowMs - this.requestCompleteMs, request.canary);
  }

  onUpstreamReleased(_request: UpstreamRequest, stream: UpstreamStream): void {
    noteBytes(this.info, stream);
  }

  onEarlyLog(): void {
    const stream = this.upstream?.stream ?? null;
    if (stream !== null) noteBytes(this.info, stream);
  }
}
