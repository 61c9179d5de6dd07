import { Timer, type TimerTarget } from "../../base/timer-wheel.ts";
import type { WorkerContext } from "../../base/worker-context.ts";
import { CLUSTER_STATS } from "../../observe/stats/tables/cluster.ts";
import type { Cluster } from "../../upstream/cluster.ts";
import type { ResetReason } from "../../upstream/pool/pool-request.ts";
import { Resource } from "../../upstream/shared/breaker-memory.ts";
import type { UpstreamRequest } from "../router/upstream-request.ts";
import { isConnectFailure, retryDelayMs, type RetryPolicy } from "./retry-policy.ts";

const STATS = CLUSTER_STATS.at;

/** The request that is sent again. */
interface Retried {
  onRetry(): void;
  /** Between two attempts nobody else holds back who sends it. */
  pushBack(on: boolean): void;
}

/** The retries of one request: what was sent so far, and the pause before it is sent once more. */
export class Retries implements TimerTarget {
  readonly #policy: RetryPolicy;
  readonly #cluster: Cluster;
  readonly #worker: WorkerContext;
  readonly #request: Retried;
  readonly #timer: Timer = new Timer(this);
  /** Null when it became too much to be kept. */
  #kept: Buffer[] | null = [];
  #keptBytes = 0;
  #endStream = false;
  #attempts = 0;
  #pushedBack = false;
  /** The attempt under way is a retry. */
  #retrying = false;

  constructor(
    policy: RetryPolicy,
    cluster: Cluster,
    { worker }: { readonly worker: WorkerContext },
    request: Retried,
  ) {
    this.#policy = policy;
    this.#cluster = cluster;
    this.#worker = worker;
    this.#request = request;
  }

  /** Another piece of the request. It is copied. */
  keep(data: Buffer, endStream: boolean, bytesMax: number): void {
    if (this.#kept === null) return;
    this.#endStream = endStream;
    this.#keptBytes += data.length;
    if (this.#keptBytes > bytesMax) {
      if (!this.#timer.armed) {
        this.#kept = null;
        this.#count(STATS.retry_or_shadow_abandoned);
        return;
      }
      if (!this.#pushedBack) this.#request.pushBack((this.#pushedBack = true));
    }
    this.#kept.push(Buffer.from(data));
  }

  /** Hands an attempt what there is of the request. */
  replay(upstream: UpstreamRequest): void {
    const kept = this.#kept!;
    for (let i = 0; i < kept.length; i++)
      upstream.data(kept[i]!, this.#endStream && i === kept.length - 1);
    if (this.#pushedBack) this.#request.pushBack((this.#pushedBack = false));
  }

  /** The attempt failed. True: another one comes, after a pause. */
  arm(reason: ResetReason): boolean {
    this.#releasePlace();
    if (this.#kept === null || !isConnectFailure(reason)) return false;
    if (this.#attempts >= this.#policy.retriesMax) {
      this.#count(STATS.upstream_rq_retry_limit_exceeded);
      return false;
    }
    if (!this.#cluster.breakers.default.tryAcquire(Resource.Retries)) return false;
    this.#retrying = true;
    this.#count(STATS.upstream_rq_retry);
    this.#count(STATS.upstream_rq_retry_backoff_exponential);
    const delayMs = retryDelayMs(this.#policy, this.#attempts++, this.#worker.random());
    this.#worker.timers.arm(this.#timer, delayMs);
    return true;
  }

  onTimer(): void {
    this.#request.onRetry();
  }

  /** There is a response: nothing is retried any more. */
  onResponse(): void {
    if (this.#retrying) this.#count(STATS.upstream_rq_retry_success);
    this.close();
  }

  /** The request is over. */
  close(): void {
    this.#worker.timers.cancel(this.#timer);
    this.#releasePlace();
    this.#kept = null;
  }

  #releasePlace(): void {
    if (!this.#retrying) return;
    this.#retrying = false;
    this.#cluster.breakers.default.release(Resource.Retries);
  }

  #count(stat: number): void {
    this.#worker.stats.slots[this.#cluster.statsBase + stat]! += 1;
  }
}
