import type { HeaderMap } from "@nuncio/codec";
import { Timer, type TimerTarget } from "../../base/timer-wheel.ts";
import type { WorkerContext } from "../../base/worker-context.ts";
import { CLUSTER_STATS } from "../../observe/stats/tables/cluster.ts";
import { REQUEST_STATS } from "../../observe/stats/tables/request.ts";
import type { ResourceManager } from "../../upstream/circuit-breakers.ts";
import type { Cluster } from "../../upstream/cluster.ts";
import type { Host } from "../../upstream/host.ts";
import type { ResetReason } from "../../upstream/pool/pool-request.ts";
import { Resource } from "../../upstream/shared/breaker-memory.ts";
import type { HeaderTestFunction } from "../route/matchers/header-matcher.ts";
import { parseUnsigned } from "../route/matchers/integer.ts";
import type { RequestStats } from "../route/table/request-stats.ts";
import type { AskedRetries } from "./asked-retries.ts";
import { BackOff, BASE_INTERVAL_MS, jitteredAbove, resetIntervalMs } from "./back-off.ts";
import { HostAvoidance } from "./host-avoidance.ts";
import { PreviousPriorities } from "./previous-priorities.ts";
import { CONDITION_OF_GRPC_STATUS, RetryOn } from "./retry-on.ts";
import { NO_RETRY_POLICY, type RetryPolicy } from "./retry-policy.ts";

const STATS = CLUSTER_STATS.at;
const REQUEST = REQUEST_STATS.at;
const TOO_EARLY = 425;

/** What becomes of an attempt that is over. */
export type RetryVerdict =
  /** Another one comes: `onRetry` is called. */
  | "retry"
  /** It is not to be retried, or not any more for another reason than these. */
  | "no"
  /** There are too many retries of the cluster under way. */
  | "overflow"
  | "limit_exceeded";

/** Why an attempt has no response; `local_reset`: the proxy gave it up. */
export type FailureReason = ResetReason | "local_reset";

/** What a request's retries are for, and who sends them. */
export interface RetriedRequest {
  readonly worker: WorkerContext;
  readonly cluster: Cluster;
  readonly priority: "default" | "high";
  readonly stats: RequestStats | null;
  readonly headers: HeaderMap;
  /** The pause before the next attempt is over. */
  onRetry(): void;
}

/** Decides for one request whether an attempt is followed by another one, and when (Envoy's `RetryState`). */
export class RetryState implements TimerTarget {
  readonly #request: RetriedRequest;
  readonly #policy: RetryPolicy;
  readonly #on: number;
  #retriesLeft: number;
  readonly #statusCodes: readonly number[];
  readonly #responseTests: readonly HeaderTestFunction[];
  readonly #avoidance: HostAvoidance | null;
  readonly #priorities: PreviousPriorities | null;
  readonly #breakers: ResourceManager;
  readonly #timer: Timer = new Timer(this);
  #backOff: BackOff | null = null;
  /** The pause under way is one that the response asked for; null: it is not. */
  #askedPauseMs: number | null = null;
  /** A retry is under way, or about to be. */
  #retrying = false;
  /** There was one. */
  #retried = false;

  private constructor(policy: RetryPolicy, asked: AskedRetries | null, request: RetriedRequest) {
    const { config } = policy;
    this.#request = request;
    this.#policy = policy;
    this.#on = mayRetry(policy, request.headers) ? config.on | (asked?.on ?? 0) : 0;
    this.#retriesLeft = asked?.retriesMax ?? config.retriesMax;
    this.#statusCodes = joined(config.statusCodes, asked?.statusCodes);
    this.#responseTests = joined(policy.responseTests, asked?.responseTests);
    const { hostPredicates, prioritiesUpdateFrequency: frequency } = config;
    this.#avoidance = hostPredicates.length === 0 ? null : new HostAvoidance(hostPredicates);
    this.#priorities = frequency === 0 ? null : new PreviousPriorities(frequency);
    this.#breakers = request.cluster.breakers[request.priority];
  }

  /** Null when nobody asks for retries. */
  static create(
    policy: RetryPolicy | null,
    asked: AskedRetries | null,
    request: RetriedRequest,
  ): RetryState | null {
    const wanted = (policy !== null && policy.config.on !== 0) || (asked?.on ?? null) !== null;
    return wanted ? new RetryState(policy ?? NO_RETRY_POLICY, asked, request) : null;
  }

  /** There are conditions: a body has to be kept. */
  get enabled(): boolean {
    return this.#on !== 0;
  }

  /** The pause before the next attempt goes on. */
  get waiting(): boolean {
    return this.#timer.armed;
  }

  // Where the next attempt goes.

  onHostAttempted(host: Host): void {
    this.#avoidance?.onAttempt(host);
    this.#priorities?.onAttempt(host);
  }

  get hostSelectionAttemptsMax(): number {
    return this.#avoidance === null ? 0 : this.#policy.config.hostSelectionAttemptsMax;
  }

  avoids(host: Host): boolean {
    return this.#avoidance?.avoids(host) === true;
  }

  get retryPriority(): PreviousPriorities | null {
    return this.#priorities;
  }

  // Whether there is one.

  /** The head of a response came. `ended`: see `endedPlaces`. */
  afterHeaders(response: HeaderMap, ended: 0 | 1): RetryVerdict {
    if (!this.wouldRetry(response)) return this.#decide(false, null, ended);
    const { rateLimited } = this.#policy.config;
    const { worker } = this.#request;
    const intervalMs =
      rateLimited === undefined ? null : resetIntervalMs(rateLimited, response, worker.wallMs());
    // A request that came too early is tried again at once.
    if (this.#isTooEarly(response)) return this.#decide(true, 0, ended);
    if (intervalMs === null || intervalMs <= 1) return this.#decide(true, null, ended);
    return this.#decide(true, jitteredAbove(intervalMs, worker.random()), ended);
  }

  /** There will be no response. `started`: some of the request went to the host. */
  afterReset(reason: FailureReason, started: boolean, ended: 0 | 1): RetryVerdict {
    return this.#decide(this.#wouldRetryReset(reason, started), null, ended);
  }

  /** An attempt goes on beyond its time, and another one may run beside it. */
  afterSoftTimeout(): RetryVerdict {
    return this.#decide(true, null, 0);
  }

  /** Whether the response is one of those that are retried, however often that was. */
  wouldRetry(response: HeaderMap): boolean {
    const { status } = response;
    const on = this.#on;
    if (response.has("x-envoy-ratelimited")) return (on & RetryOn.EnvoyRateLimited) !== 0;
    return (
      (status >= 500 && status < 600 && (on & RetryOn.ServerError) !== 0) ||
      (status >= 502 && status <= 504 && (on & RetryOn.GatewayError) !== 0) ||
      (status === 409 && (on & RetryOn.Retriable4xx) !== 0) ||
      ((on & RetryOn.RetriableStatusCodes) !== 0 && this.#statusCodes.includes(status)) ||
      ((on & RetryOn.RetriableHeaders) !== 0 &&
        this.#responseTests.some((test) => test(response))) ||
      (on & conditionOfGrpc(response)) !== 0
    );
  }

  /** Retries count when they are made, as in Envoy. */
  onTimer(): void {
    const pauseMs = this.#askedPauseMs;
    this.#count(STATS.upstream_rq_retry, REQUEST.upstream_rq_retry);
    if (pauseMs === null) this.#count(STATS.upstream_rq_retry_backoff_exponential, null);
    else if (pauseMs > 0) this.#count(STATS.upstream_rq_retry_backoff_ratelimited, null);
    this.#request.onRetry();
  }

  /** No attempt follows any more. */
  close(): void {
    this.#request.worker.timers.cancel(this.#timer);
    this.#releasePlace();
  }

  #isTooEarly({ status }: HeaderMap): boolean {
    return (
      status === TOO_EARLY &&
      (this.#on & RetryOn.RetriableStatusCodes) !== 0 &&
      this.#statusCodes.includes(status)
    );
  }

  #wouldRetryReset(reason: FailureReason, started: boolean): boolean {
    const on = this.#on;
    if (reason === "overflow") return false;
    if (isConnectFailure(reason) && (on & RetryOn.ConnectFailure) !== 0) return true;
    if (!started && (on & RetryOn.ResetBeforeRequest) !== 0) return true;
    if ((on & (RetryOn.Reset | RetryOn.ServerError | RetryOn.GatewayError)) !== 0) return true;
    return reason === "remote_refused_stream_reset" && (on & RetryOn.RefusedStream) !== 0;
  }

  /** `pauseMs`: as the response asks; null: a random one. */
  #decide(would: boolean, pauseMs: number | null, ended: 0 | 1): RetryVerdict {
    const { worker, stats } = this.#request;
    if (this.#retried && !would)
      this.#count(STATS.upstream_rq_retry_success, REQUEST.upstream_rq_retry_success);
    this.#releasePlace();
    if (!would) return "no";
    if (this.#retriesLeft <= 0) {
      this.#count(STATS.upstream_rq_retry_limit_exceeded, REQUEST.upstream_rq_retry_limit_exceeded);
      return "limit_exceeded";
    }
    this.#retriesLeft--;
    if (!this.#breakers.tryAcquireRetry(ended)) {
      stats?.countRetry(REQUEST.upstream_rq_retry_overflow);
      return "overflow";
    }
    if (worker.random() * 100 >= worker.runtime.integer("upstream.use_retry", 100)) {
      this.#breakers.release(Resource.Retries);
      return "no";
    }
    this.#retrying = true;
    this.#retried = true;
    this.#askedPauseMs = pauseMs;
    worker.timers.arm(this.#timer, pauseMs ?? this.#nextPauseMs());
    return "retry";
  }

  #nextPauseMs(): number {
    const { worker } = this.#request;
    const { baseIntervalMs, maxIntervalMs } = this.#policy.config;
    const baseMs =
      baseIntervalMs ??
      Math.max(1, worker.runtime.integer("upstream.base_retry_backoff_ms", BASE_INTERVAL_MS));
    this.#backOff ??= new BackOff(baseMs, maxIntervalMs);
    return this.#backOff.nextMs(worker.random());
  }

  #releasePlace(): void {
    if (!this.#retrying) return;
    this.#retrying = false;
    this.#breakers.release(Resource.Retries);
  }

  /** `ofRequest`: what else counts requests counts it as this; null: not at all. */
  #count(stat: number, ofRequest: number | null): void {
    const { worker, cluster, stats } = this.#request;
    worker.stats.slots[cluster.statsBase + stat]! += 1;
    if (ofRequest !== null) stats?.countRetry(ofRequest);
  }
}

/** The condition that the head of a gRPC response stands for; 0 for none. */
function conditionOfGrpc(response: HeaderMap): number {
  const status = response.get("grpc-status");
  if (status === undefined) return 0;
  return CONDITION_OF_GRPC_STATUS.get(parseUnsigned(status) ?? -1n) ?? 0;
}

/** A policy may be about some requests only. */
function mayRetry({ requestTests: tests }: RetryPolicy, headers: HeaderMap): boolean {
  return tests.length === 0 || tests.some((test) => test(headers));
}

/** No connection came about, so the request was seen by nobody. */
function isConnectFailure(reason: FailureReason): boolean {
  return (
    reason === "local_connection_failure" ||
    reason === "remote_connection_failure" ||
    reason === "connection_timeout"
  );
}

function joined<T>(first: readonly T[], second: readonly T[] = []): readonly T[] {
  return second.length === 0 ? first : [...first, ...second];
}
