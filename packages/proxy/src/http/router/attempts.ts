import type { HeaderMap } from "@nuncio/codec";
import { Timer, type TimerTarget } from "../../base/timer-wheel.ts";
import { CLUSTER_STATS } from "../../observe/stats/tables/cluster.ts";
import { ResponseFlag, type StreamInfo } from "../../observe/stream-info.ts";
import type { ResetReason } from "../../upstream/pool/pool-request.ts";
import type { UpstreamStream } from "../../upstream/pool/upstream-stream.ts";
import type { DecoderFilterCallbacks } from "../filter.ts";
import {
  replyBufferOverflow,
  replyNoHealthyUpstream,
  replyReset,
  replyStreamDuration,
  replyTimeout,
  timeoutStatus,
} from "./local-replies.ts";
import { RedirectFollower } from "./redirect-follower.ts";
import { ReplayBody } from "./replay-body.ts";
import { RequestRetries } from "./request-retries.ts";
import { flagOfReset, resetReply } from "./reset-reply.ts";
import { RoutedRequest } from "./routed-request.ts";
import type { Router } from "./router.ts";
import { noteConnection, noteHost, noteNextAttempt, noteNoConnection } from "./upstream-facts.ts";
import type { UpstreamOwner } from "./upstream-owner.ts";
import type { UpstreamRequest } from "./upstream-request.ts";

const STATS = CLUSTER_STATS.at;

/**
 * The attempts to get a response to one request: the first one, those that follow where one fails, and those that run side by
 * side. What a response is made of its owner does.
 */
export abstract class Attempts implements TimerTarget, UpstreamOwner {
  protected readonly router: Router;
  protected callbacks!: DecoderFilterCallbacks;
  /** Null before it has a cluster. */
  protected request: RoutedRequest | null = null;
  /** The attempt under way; the newest one of several. */
  protected upstream: UpstreamRequest | null = null;
  /** Null where redirects are the client's business. */
  protected redirects: RedirectFollower | null = null;
  /** Null where nothing is retried, and from the response on. */
  protected retries: RequestRetries | null = null;
  /** What the request needs to be sent once more; null where that is its head alone, or will not be. */
  protected kept: ReplayBody | null = null;
  /** How often the request found that its connection was closed just then. */
  #races = 0;
  protected readonly timer: Timer = new Timer(this);
  /** When the whole request had arrived; -1 before. */
  protected requestCompleteMs = -1;
  protected responseStarted = false;
  protected bodyless = false;
  /** How many things keep the client from reading the response. */
  protected readsDisabled = 0;

  constructor(router: Router) {
    this.router = router;
  }

  get bufferLimitBytes(): number {
    return this.callbacks.connectionLimitBytes;
  }

  abstract onUpstreamConnected(request: UpstreamRequest, stream: UpstreamStream): void;
  abstract onUpstreamSent(request: UpstreamRequest, endStream: boolean): void;
  abstract onUpstream1xxHeaders(request: UpstreamRequest, headers: HeaderMap): void;
  abstract onUpstreamHeaders(
    request: UpstreamRequest,
    headers: HeaderMap,
    endStream: boolean,
  ): void;
  abstract onUpstreamData(request: UpstreamRequest, data: Buffer, endStream: boolean): void;
  abstract onUpstreamTrailers(request: UpstreamRequest, trailers: HeaderMap): void;
  abstract onUpstreamReleased(request: UpstreamRequest, stream: UpstreamStream): void;
  abstract pushBack(on: boolean): void;

  protected get info(): StreamInfo {
    return this.callbacks.streamInfo;
  }

  /** `again`: there was an attempt before. False when there is no host to send it to, and the request was answered. */
  protected send(endStream: boolean, again: boolean): boolean {
    const upstream = this.request!.attempt(this, endStream);
    if (upstream === null) {
      this.giveUp();
      replyNoHealthyUpstream(this.request!);
      return false;
    }
    if (again) noteNextAttempt(this.info);
    const kept = this.kept;
    if (again && kept !== null)
      upstream.preload(kept.pieces, kept.trailers, this.requestCompleteMs >= 0);
    this.upstream = upstream;
    for (let i = 0; i < this.readsDisabled; i++) upstream.readDisable(true);
    upstream.start();
    return true;
  }

  /** The pause before another attempt is over. */
  onRetry(): void {
    const request = this.request!;
    const retries = this.retries!;
    if (this.upstream !== null) retries.runBeside(this.upstream);
    const since = this.requestCompleteMs;
    const elapsedMs = since < 0 ? 0 : Math.floor(this.router.services.worker.nowMs() - since);
    if (request.prepareRetry(retries.afterTimeout, elapsedMs)) {
      this.send(this.bodyless, true);
      return;
    }
    this.giveUp();
    replyNoHealthyUpstream(request);
  }

  /** Where a request may be sent once more, it is kept for that. */
  protected keepRequest(endStream: boolean): void {
    const request = this.request!;
    const { route, retryState } = request;
    if (retryState !== null) this.retries = new RequestRetries(request, retryState);
    if (request.keepsBody && !endStream)
      this.kept = new ReplayBody(this.callbacks.bufferLimitBytes);
    if (route.internalRedirect !== null) this.redirects = new RedirectFollower(request, this.kept);
  }

  /** False when it became too much while there is nobody to send it to, and the request was answered. */
  protected keep(data: Buffer): boolean {
    const kept = this.kept!;
    if (kept.overflowed || kept.add(data)) return true;
    this.request!.countCluster(STATS.retry_or_shadow_abandoned);
    const waiting = this.upstream === null && this.retries?.waiting === true;
    this.retries?.close(null);
    this.retries = null;
    if (waiting) replyBufferOverflow(this.request!);
    return !waiting;
  }

  /** An attempt is over; false when it was not one of those under way. */
  protected drop(request: UpstreamRequest): boolean {
    if (this.upstream === request) this.upstream = null;
    else if (this.retries?.has(request) === true) this.retries.drop(request);
    else return false;
    return true;
  }

  /** The client gets the response of this attempt: there will be no other. */
  protected settle(request: UpstreamRequest): void {
    this.responseStarted = true;
    request.responseStarted = true;
    const retries = this.retries;
    if (retries === null) return;
    this.retries = null;
    if (this.redirects === null) this.kept = null;
    const newest = this.upstream;
    this.upstream = request;
    retries.close(request);
    if (newest === request || newest === null) return;
    newest.reset();
    noteHost(this.info.upstream, request.host);
    if (request.stream !== null) noteConnection(this.info.upstream, request.stream, 0);
  }

  #countTimeout(request: UpstreamRequest): void {
    this.request!.countCluster(STATS.upstream_rq_timeout);
    this.request!.stats?.countTimeout();
    request.countTimeout();
    if (!request.responseStarted)
      this.request!.countAbort(timeoutStatus(this.request!), request, false);
  }

  protected giveUp(): void {
    const upstream = this.upstream;
    this.upstream = null;
    upstream?.reset();
    this.retries?.close(null);
    this.retries = null;
  }

  onUpstreamHost(request: UpstreamRequest): void {
    noteHost(this.info.upstream, request.host);
    this.request!.retryState?.onHostAttempted(request.host);
  }

  onTimer(): void {
    if (this.upstream !== null) this.#countTimeout(this.upstream);
    for (const other of this.retries?.others ?? []) this.#countTimeout(other);
    this.giveUp();
    replyTimeout(this.request!, "response_timeout");
  }

  onPerTryTimeout(request: UpstreamRequest, idle: boolean): void {
    this.drop(request);
    if (this.retries?.followsFailure(request, "local_reset", true) === true) return;
    this.giveUp();
    this.request!.countAbort(timeoutStatus(this.request!), request, this.responseStarted);
    const details = idle ? "upstream_per_try_idle_timeout" : "upstream_per_try_timeout";
    replyTimeout(this.request!, details);
  }

  onSoftTimeout(request: UpstreamRequest): void {
    this.retries?.onSoftTimeout(request);
  }

  onUpstreamReset(
    request: UpstreamRequest,
    reason: ResetReason,
    details: string,
    untouched: boolean,
  ): void {
    if (!this.drop(request)) return;
    // The peer closed an idle connection just as it was chosen: nothing was sent, so another one may be.
    if (
      untouched &&
      reason === "connection_termination" &&
      this.bodyless &&
      !this.responseStarted &&
      this.#races < RACES_MAX
    ) {
      this.#races++;
      this.info.upstream.attemptCount++;
      this.send(true, true);
      return;
    }
    const { upstream } = this.info;
    noteNoConnection(upstream, this.router.services.worker.nowMs() - request.startMs);
    // What is said of a stream says nothing of the connection below it.
    if (flagOfReset(reason) === ResponseFlag.UpstreamConnectionFailure)
      upstream.transportFailureReason = details;
    request.countFailure(reason);
    if (this.retries?.followsFailure(request, reason, false) === true) return;
    const { status } = resetReply(reason, "", false);
    this.request!.countAbort(status, request, this.responseStarted);
    if (this.retries?.awaitsOthers(request, this.upstream) === true) return;
    this.retries?.close(null);
    replyReset(this.request!, reason, details, this.responseStarted);
  }

  onStreamDurationReached(request: UpstreamRequest): void {
    this.drop(request);
    if (this.retries?.followsFailure(request, "local_reset", false) === true) return;
    this.giveUp();
    this.router.services.worker.timers.cancel(this.timer);
    replyStreamDuration(this.request!, this.requestCompleteMs >= 0);
  }
}

/** How often a request that never left may look for another connection. */
const RACES_MAX = 3;
