import type { HeaderMap } from "@nuncio/codec";
import type { Hash64 } from "../../base/hash64.ts";
import { Timer, type TimerTarget } from "../../base/timer-wheel.ts";
import { isGrpcRequest } from "../../observe/format/grpc-status.ts";
import { CLUSTER_STATS } from "../../observe/stats/tables/cluster.ts";
import { StreamInfo } from "../../observe/stream-info.ts";
import type { Cluster } from "../../upstream/cluster.ts";
import type { LoadBalancerContext } from "../../upstream/load-balancer.ts";
import { poolKindFor } from "../../upstream/pool/pool-kind.ts";
import type { RequestPool, ResetReason } from "../../upstream/pool/pool-request.ts";
import { requestedNames } from "../../upstream/pool/requested-names.ts";
import type { RetryPolicyConfig } from "../retry/model.ts";
import { resetReply } from "../router/reset-reply.ts";
import type { UpstreamOwner } from "../router/upstream-owner.ts";
import { UpstreamRequest } from "../router/upstream-request.ts";
import type { AsyncClient } from "./async-client.ts";
import type { AsyncStreamCallbacks } from "./callbacks.ts";
import { Retries } from "./retries.ts";

const STATS = CLUSTER_STATS.at;
const NO_CLIENT = new StreamInfo();
/** Of a request that has no connection yet, and of one that may have to be sent again. Envoy: 64 KiB. */
const BUFFER_LIMIT_BYTES = 64 * 1024;

/** How a request differs. */
export interface AsyncStreamOptions {
  /** From the end of the request to the end of its response, in milliseconds; 0: no limit. */
  readonly timeoutMs: number;
  /** Null: a request that fails has failed. */
  readonly retry: RetryPolicyConfig | null;
}

/** One request that a worker sends for itself, and its response. */
export class AsyncStream implements UpstreamOwner, TimerTarget, LoadBalancerContext {
  readonly cluster: Cluster;
  readonly bufferLimitBytes: number = BUFFER_LIMIT_BYTES;
  readonly #client: AsyncClient;
  readonly #headers: HeaderMap;
  readonly #callbacks: AsyncStreamCallbacks;
  readonly #grpc: boolean;
  readonly #timeoutMs: number;
  readonly #timer: Timer = new Timer(this);
  /** Null when the request is not sent again whatever comes. */
  #retries: Retries | null;
  #upstream: UpstreamRequest | null = null;
  /** The request ended with its head. */
  #headersOnly = false;
  #responseStarted = false;
  /** There was an attempt before. */
  #retried = false;
  #ended = false;
  /** How many things hold the request back. */
  #pushedBack = 0;
  /** When the whole request had been passed on; -1 before. */
  #requestCompleteMs = -1;

  constructor(
    client: AsyncClient,
    cluster: Cluster,
    headers: HeaderMap,
    callbacks: AsyncStreamCallbacks,
    options: AsyncStreamOptions,
  ) {
    this.#client = client;
    this.cluster = cluster;
    this.#headers = headers;
    const isSecure = (cluster.config.transportSockets?.otherwise ?? null) !== null;
    headers.scheme = isSecure ? "https" : "http";
    this.#callbacks = callbacks;
    this.#grpc = isGrpcRequest(headers);
    this.#timeoutMs = options.timeoutMs;
    this.#retries =
      options.retry === null
        ? null
        : Retries.create(
            client.retryPolicies.of(options.retry),
            cluster,
            client.services,
            headers,
            this,
          );
  }

  /** More of the request would only wait. */
  get aboveWriteBufferHighWatermark(): boolean {
    return this.#pushedBack > 0;
  }

  /** Only the client calls this. */
  start(endStream: boolean): void {
    this.#headersOnly = endStream;
    if (endStream) this.#onRequestComplete();
    if (this.cluster.inMaintenance()) {
      this.#count(STATS.upstream_rq_maintenance_mode);
      this.cluster.countDropped();
      this.#reply(503, "maintenance mode");
    } else if (this.cluster.shouldDropOverload()) {
      this.cluster.countDropped(true);
      this.#reply(503, "drop overload");
    } else {
      this.#send();
    }
  }

  data(data: Buffer, endStream: boolean): void {
    if (this.#ended) return;
    if (endStream) this.#onRequestComplete();
    this.#retries?.keep(data, endStream, this.bufferLimitBytes);
    this.#upstream?.data(data, endStream);
  }

  /** Gives up the request; nothing more is heard of it. */
  reset(): void {
    if (this.#ended) return;
    const upstream = this.#upstream;
    this.#end();
    upstream?.reset();
  }

  /** Ends it from the proxy's side, and says so. */
  breakOff(): void {
    if (this.#ended) return;
    this.reset();
    this.#callbacks.onReset();
  }

  onTimer(): void {
    const upstream = this.#upstream;
    this.#count(STATS.upstream_rq_timeout);
    upstream?.countTimeout();
    this.#upstream = null;
    upstream?.reset();
    this.#replyOrReset(504, "upstream request timeout");
  }

  /** The pause before another attempt is over. */
  onRetry(): void {
    this.#retried = true;
    this.#send();
  }

  // The load balancer asks.

  computeHash(hash: Hash64): boolean {
    const policies = this.cluster.httpHashPolicies;
    return policies !== null && policies.hash(this.#headers, NO_CLIENT, null, hash);
  }

  /** A retry may find the same host again, as without `retry_host_predicate`. */
  get hostSelectionRetryCount(): number {
    return 0;
  }

  shouldSelectAnotherHost(): boolean {
    return false;
  }

  // The attempt under way.

  pushBack(on: boolean): void {
    this.#pushedBack += on ? 1 : -1;
    if (this.#ended) return;
    if (on && this.#pushedBack === 1) this.#callbacks.onAboveWriteBufferHighWatermark();
    else if (!on && this.#pushedBack === 0) this.#callbacks.onBelowWriteBufferLowWatermark();
  }

  onUpstreamHost(): void {}
  onUpstreamConnected(): void {}
  onUpstreamSent(): void {}
  onUpstreamReleased(): void {}
  onPerTryTimeout(): void {}
  onSoftTimeout(): void {}

  onUpstream1xxHeaders(_request: UpstreamRequest, headers: HeaderMap): void {
    this.#countCode(headers.status, false);
  }

  onUpstreamHeaders(request: UpstreamRequest, headers: HeaderMap, endStream: boolean): void {
    if (this.#retries?.followsResponse(request, headers) === true) {
      this.#upstream = null;
      request.countError();
      this.#client.codeStats(this.cluster).countRetried(headers.status, true);
      request.reset();
      return;
    }
    this.#responseStarted = true;
    this.#retries?.close();
    this.#retries = null;
    request.countResponse(headers, endStream);
    this.#countCode(headers.status, request.canary);
    if (endStream) this.#onResponseComplete(request);
    this.#callbacks.onHeaders(headers, endStream);
  }

  onUpstreamData(request: UpstreamRequest, data: Buffer, endStream: boolean): void {
    if (endStream) this.#onResponseComplete(request);
    this.#callbacks.onData(data, endStream);
  }

  onUpstreamTrailers(request: UpstreamRequest, trailers: HeaderMap): void {
    this.#onResponseComplete(request);
    this.#callbacks.onTrailers(trailers);
  }

  onUpstreamReset(request: UpstreamRequest, reason: ResetReason, details: string): void {
    this.#upstream = null;
    request.countFailure(reason);
    if (this.#retries?.followsFailure(request, reason) === true) return;
    const { status, body } = resetReply(reason, details, this.#retried);
    this.#replyOrReset(status, body);
  }

  onStreamDurationReached(): void {
    this.#upstream = null;
    const status = this.#requestCompleteMs >= 0 ? 504 : 408;
    this.#replyOrReset(status, "upstream max stream duration reached");
  }

  /** One attempt: all that there is of the request so far. */
  #send(): void {
    const pool = this.#choosePool();
    if (pool === null) {
      this.#reply(503, "no healthy upstream");
      return;
    }
    const upstream = new UpstreamRequest(this, pool, this.#headers, this.#grpc, this.#headersOnly);
    this.#upstream = upstream;
    this.#retries?.replay(upstream);
    upstream.start();
  }

  #choosePool(): RequestPool | null {
    const { cluster } = this;
    const host = cluster.chooseHost(cluster.hashes ? this : null);
    if (host === null) {
      this.#count(STATS.upstream_cx_none_healthy);
      return null;
    }
    const { pools } = this.#client.services;
    const names = requestedNames(cluster, this.#headers);
    return pools.of(cluster, host, "default", poolKindFor(cluster, "HTTP/1.1"), names);
  }

  #onRequestComplete(): void {
    const { worker } = this.#client.services;
    this.#requestCompleteMs = worker.nowMs();
    if (this.#timeoutMs > 0) worker.timers.arm(this.#timer, this.#timeoutMs);
  }

  #onResponseComplete(request: UpstreamRequest): void {
    this.#end();
    if (this.#requestCompleteMs < 0) return;
    const ms = this.#client.services.worker.nowMs() - this.#requestCompleteMs;
    this.#client.codeStats(this.cluster).time(Math.round(ms), this.#internal, request.canary);
  }

  #replyOrReset(status: number, body: string): void {
    if (!this.#responseStarted) {
      this.#reply(status, body);
      return;
    }
    this.#end();
    this.#callbacks.onReset();
  }

  #reply(status: number, body: string): void {
    this.#countCode(status, false);
    this.#end();
    this.#callbacks.onLocalReply(status, body);
  }

  #end(): void {
    this.#ended = true;
    this.#upstream = null;
    this.#retries?.close();
    this.#client.services.worker.timers.cancel(this.#timer);
    this.#client.release(this);
  }

  get #internal(): boolean {
    return this.#headers.get("x-envoy-internal") === "true";
  }

  #countCode(status: number, canary: boolean): void {
    this.#client.codeStats(this.cluster).count(status, this.#internal, canary, true);
  }

  #count(stat: number): void {
    this.#client.services.worker.stats.slots[this.cluster.statsBase + stat]! += 1;
  }
}
