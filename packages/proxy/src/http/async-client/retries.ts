import type { HeaderMap } from "@nuncio/codec";
import type { WorkerContext } from "../../base/worker-context.ts";
import { CLUSTER_STATS } from "../../observe/stats/tables/cluster.ts";
import type { Cluster } from "../../upstream/cluster.ts";
import type { ResetReason } from "../../upstream/pool/pool-request.ts";
import type { RetryPolicy } from "../retry/retry-policy.ts";
import { RetryState } from "../retry/retry-state.ts";
import type { UpstreamRequest } from "../router/upstream-request.ts";

const STATS = CLUSTER_STATS.at;

/** The request that is sent again. */
interface Retried {
  onRetry(): void;
  /** Between two attempts nobody else holds back who sends it. */
  pushBack(on: boolean): void;
}

/** The retries of one request: what was sent so far, and whether it is sent once more. */
export class Retries {
  readonly #state: RetryState;
  readonly #count: (stat: number) => void;
  readonly #request: Retried;
  /** Null when it became too much to be kept. */
  #kept: Buffer[] | null = [];
  #keptBytes = 0;
  #endStream = false;
  #pushedBack = false;

  private constructor(state: RetryState, request: Retried, count: (stat: number) => void) {
    this.#state = state;
    this.#request = request;
    this.#count = count;
  }

  /** Null when the policy has no conditions. */
  static create(
    policy: RetryPolicy,
    cluster: Cluster,
    { worker }: { readonly worker: WorkerContext },
    headers: HeaderMap,
    request: Retried,
  ): Retries | null {
    const state = RetryState.create(policy, null, {
      worker,
      cluster,
      priority: "default",
      stats: null,
      headers,
      onRetry: () => request.onRetry(),
    });
    if (state === null) return null;
    return new Retries(state, request, (stat) => {
      worker.stats.slots[cluster.statsBase + stat]! += 1;
    });
  }

  /** Another piece of the request. It is copied. */
  keep(data: Buffer, endStream: boolean, bytesMax: number): void {
    if (this.#kept === null) return;
    this.#endStream = endStream;
    this.#keptBytes += data.length;
    if (this.#keptBytes > bytesMax) {
      if (!this.#state.waiting) {
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
  followsFailure(attempt: UpstreamRequest, reason: ResetReason): boolean {
    if (this.#kept === null) return false;
    const started = attempt.stream !== null;
    return this.#state.afterReset(reason, started, attempt.endedPlaces) === "retry";
  }

  /** There is a response. True: it is not the last one. */
  followsResponse(attempt: UpstreamRequest, headers: HeaderMap): boolean {
    if (this.#kept === null) return false;
    return this.#state.afterHeaders(headers, attempt.endedPlaces) === "retry";
  }

  /** Nothing is retried any more. */
  close(): void {
    this.#state.close();
    this.#kept = null;
  }
}
