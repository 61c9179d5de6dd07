import type { HeaderMap } from "@nuncio/codec";
import type { Hash64 } from "../../base/hash64.ts";
import { Timer, type TimerTarget } from "../../base/timer-wheel.ts";
import { isGrpcRequest } from "../../observe/format/grpc-status.ts";
import { CLUSTER_STATS } from "../../observe/stats/tables/cluster.ts";
import { StreamInfo } from "../../observe/stream-info.ts";
import type { Cluster } from "../../upstream/cluster.ts";
import type { LoadBalancerContext } from "../../upstream/load-balancer.ts";
import { poolKindFor } from "../../upstream/pool/pool-kind.ts";
import type { ResetReason } from "../../upstream/pool/pool-request.ts";
import { requestedNames } from "../../upstream/pool/requested-names.ts";
import { AttemptLog } from "./attempt-log.ts";
import { resetReply } from "./reset-reply.ts";
import type { Router } from "./router.ts";
import type { UpstreamOwner } from "./upstream-owner.ts";
import { UpstreamRequest } from "./upstream-request.ts";

const STATS = CLUSTER_STATS.at;
const NO_CLIENT = new StreamInfo();

/** The stream whose request is mirrored, as long as the request is still coming. */
export interface MirroredStream {
  readonly bufferLimitBytes: number;
  /** The mirror does not take more; as in Envoy its sender has to wait for that, too. Calls nest. */
  pushBack(on: boolean): void;
}

/**
 * A copy of a request on its way to another cluster. Nobody waits for its response, which is counted and dropped. Once the
 * request is complete nothing connects it with the stream that it came from.
 */
export class MirrorStream implements UpstreamOwner, TimerTarget, LoadBalancerContext {
  readonly #router: Router;
  readonly #cluster: Cluster;
  readonly #headers: HeaderMap;
  readonly #grpc: boolean;
  readonly #protocol: string;
  readonly #timeoutMs: number;
  readonly #timer: Timer = new Timer(this);
  #source: MirroredStream | null;
  #pushedBack = 0;
  #upstream: UpstreamRequest | null = null;
  #responseStarted = false;
  /** When the whole request had been passed on; -1 before. */
  #requestCompleteMs = -1;
  readonly bufferLimitBytes: number;
  /** The request asks for another protocol; see `UpstreamRequest`. To be set before `start`. */
  awaitsSwitch = false;

  /** `protocol`: what the mirrored request came in as; `timeoutMs` is that request's, 0: none. */
  constructor(
    router: Router,
    cluster: Cluster,
    headers: HeaderMap,
    source: MirroredStream,
    protocol: string,
    timeoutMs: number,
  ) {
    this.#protocol = protocol;
    this.#router = router;
    this.#cluster = cluster;
    this.#headers = headers;
    this.#grpc = isGrpcRequest(headers);
    this.#source = source;
    this.#timeoutMs = timeoutMs;
    this.bufferLimitBytes = source.bufferLimitBytes;
  }

  /** The route's policies are for the mirrored request, and of its client a mirror knows nothing, as in Envoy. */
  computeHash(hash: Hash64): boolean {
    const policies = this.#cluster.httpHashPolicies;
    return policies !== null && policies.hash(this.#headers, NO_CLIENT, null, hash);
  }

  /** Mirrors are not retried. */
  get hostSelectionRetryCount(): number {
    return 0;
  }

  shouldSelectAnotherHost(): boolean {
    return false;
  }

  start(endStream: boolean): void {
    const router = this.#router;
    router.countMirrored();
    if (this.#cluster.shouldDropOverload()) {
      this.#countCode(503, false);
      return;
    }
    const host = this.#cluster.chooseHost(this.#cluster.hashes ? this : null);
    if (host === null) this.#countCluster(STATS.upstream_cx_none_healthy);
    const kind = poolKindFor(this.#cluster, this.#protocol);
    const names = requestedNames(this.#cluster, this.#headers);
    const pool =
      host === null ? null : router.pools.of(this.#cluster, host, "default", kind, names);
    if (pool === null) {
      this.#countCode(503, false);
      return;
    }
    this.#upstream = new UpstreamRequest(this, pool, this.#headers, this.#grpc, endStream);
    this.#upstream.awaitsSwitch = this.awaitsSwitch;
    if (router.upstreamLogs !== null)
      this.#upstream.log = new AttemptLog(router, this.#cluster, this.#headers, null);
    this.#upstream.start();
    if (endStream) this.#onRequestComplete();
  }

  data(data: Buffer, endStream: boolean): void {
    this.#upstream?.data(data, endStream);
    if (endStream) this.#onRequestComplete();
  }

  trailers(trailers: HeaderMap): void {
    this.#upstream?.trailers(trailers);
    this.#onRequestComplete();
  }

  /** The mirrored stream ended before its request was complete. */
  cancel(): void {
    this.#source = null;
    this.#end();
  }

  onTimer(): void {
    const upstream = this.#upstream!;
    this.#countCluster(STATS.upstream_rq_timeout);
    upstream.countTimeout();
    this.#end();
    if (!this.#responseStarted) this.#countCode(504, false);
  }

  pushBack(on: boolean): void {
    if (this.#source === null) return;
    this.#pushedBack += on ? 1 : -1;
    this.#source.pushBack(on);
  }

  onUpstreamHost(): void {}
  onUpstreamConnected(): void {}
  onUpstreamSent(): void {}
  onUpstreamReleased(): void {}

  onUpstream1xxHeaders(_request: UpstreamRequest, headers: HeaderMap): void {
    this.#countCode(headers.status, false);
  }

  onUpstreamHeaders(request: UpstreamRequest, headers: HeaderMap, endStream: boolean): void {
    this.#responseStarted = true;
    request.countResponse(headers, endStream);
    this.#countCode(headers.status, request.canary);
    if (endStream) this.#onResponseComplete(request);
  }

  onUpstreamData(request: UpstreamRequest, _data: Buffer, endStream: boolean): void {
    if (endStream) this.#onResponseComplete(request);
  }

  onUpstreamTrailers(request: UpstreamRequest): void {
    this.#onResponseComplete(request);
  }

  onUpstreamReset(request: UpstreamRequest, reason: ResetReason, details: string): void {
    request.countFailure(reason);
    if (!this.#responseStarted) this.#countCode(resetReply(reason, details, false).status, false);
    this.#end();
  }

  /** Mirrors have none: they have their timeout. */
  onPerTryTimeout(): void {}
  onSoftTimeout(): void {}

  onStreamDurationReached(): void {
    this.#end();
  }

  #onRequestComplete(): void {
    const { worker } = this.#router.services;
    this.#letGo();
    this.#requestCompleteMs = worker.nowMs();
    if (this.#timeoutMs > 0 && this.#upstream !== null)
      worker.timers.arm(this.#timer, this.#timeoutMs);
  }

  #onResponseComplete(request: UpstreamRequest): void {
    if (this.#requestCompleteMs >= 0) {
      const ms = this.#router.services.worker.nowMs() - this.#requestCompleteMs;
      this.#router.codeStats(this.#cluster).time(Math.round(ms), true, request.canary);
    }
    this.#end();
  }

  #end(): void {
    const upstream = this.#upstream;
    this.#upstream = null;
    this.#router.services.worker.timers.cancel(this.#timer);
    upstream?.reset();
    this.#letGo();
  }

  /** The source gets back what this mirror held of it. */
  #letGo(): void {
    const source = this.#source;
    this.#source = null;
    for (; this.#pushedBack > 0; this.#pushedBack--) source?.pushBack(false);
  }

  #countCode(status: number, canary: boolean): void {
    const excluded = this.#grpc && this.#router.config.suppressGrpcRequestFailureCodeStats;
    this.#router.codeStats(this.#cluster).count(status, true, canary, !excluded);
  }

  #countCluster(stat: number): void {
    this.#router.services.worker.stats.slots[this.#cluster.statsBase + stat]! += 1;
  }
}
