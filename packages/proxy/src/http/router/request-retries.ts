import type { HeaderMap } from "@nuncio/codec";
import { ResponseFlag } from "../../observe/stream-info.ts";
import type { FailureReason, RetryState, RetryVerdict } from "../retry/retry-state.ts";
import type { RoutedRequest } from "./routed-request.ts";
import type { UpstreamRequest } from "./upstream-request.ts";

/** The retries of one request, until a response is passed on: what follows an attempt, and those that run side by side. */
export class RequestRetries {
  readonly #request: RoutedRequest;
  readonly #state: RetryState;
  /** Attempts beyond their time, beside the newest one. */
  readonly #others: UpstreamRequest[] = [];
  /** The next attempt is made because the time of one was up. */
  afterTimeout = false;

  constructor(request: RoutedRequest, state: RetryState) {
    this.#request = request;
    this.#state = state;
  }

  /** A body has to be kept. */
  get enabled(): boolean {
    return this.#state.enabled;
  }

  /** An attempt is about to be made. */
  get waiting(): boolean {
    return this.#state.waiting;
  }

  /** True when another attempt follows this response, or one that may be better is under way. */
  replaces(attempt: UpstreamRequest, response: HeaderMap, newest: UpstreamRequest | null): boolean {
    if (!attempt.retried) {
      const verdict = this.#state.afterHeaders(response, attempt.endedPlaces);
      if (verdict === "retry") {
        attempt.countError();
        this.#request.countRetried(response.status);
        this.afterTimeout = false;
        return true;
      }
      this.#note(verdict);
      if (verdict === "no") return false;
    } else if (!this.#state.wouldRetry(response)) {
      return false;
    }
    if (!this.awaitsOthers(attempt, newest)) return false;
    attempt.countError();
    return true;
  }

  /** True when another attempt follows one that failed. */
  followsFailure(attempt: UpstreamRequest, reason: FailureReason, afterTimeout: boolean): boolean {
    if (attempt.retried) return false;
    const started = attempt.stream !== null;
    const verdict = this.#state.afterReset(reason, started, attempt.endedPlaces);
    this.#note(verdict);
    this.afterTimeout = afterTimeout;
    return verdict === "retry";
  }

  /** The time of an attempt is up, and it goes on. */
  onSoftTimeout(attempt: UpstreamRequest): void {
    const verdict = this.#state.afterSoftTimeout();
    this.#note(verdict);
    if (verdict !== "retry") return;
    attempt.retried = true;
    this.afterTimeout = true;
  }

  /** Another response may come than that of `attempt`. */
  awaitsOthers(attempt: UpstreamRequest, newest: UpstreamRequest | null): boolean {
    if (this.waiting || (newest !== null && newest !== attempt)) return true;
    return this.#others.some((other) => other !== attempt);
  }

  /** A newer attempt begins beside this one. */
  runBeside(attempt: UpstreamRequest): void {
    this.#others.push(attempt);
  }

  has(attempt: UpstreamRequest): boolean {
    return this.#others.includes(attempt);
  }

  /** The attempt is over. */
  drop(attempt: UpstreamRequest): void {
    const at = this.#others.indexOf(attempt);
    if (at >= 0) this.#others.splice(at, 1);
  }

  /** Each attempt beside the newest one. */
  get others(): readonly UpstreamRequest[] {
    return this.#others;
  }

  /** No attempt follows any more, and all but `chosen` are given up. */
  close(chosen: UpstreamRequest | null): void {
    this.#state.close();
    for (const other of this.#others.splice(0)) if (other !== chosen) other.reset();
  }

  #note(verdict: RetryVerdict): void {
    const { streamInfo } = this.#request.callbacks;
    if (verdict === "overflow") streamInfo.responseFlags |= ResponseFlag.UpstreamOverflow;
    else if (verdict === "limit_exceeded")
      streamInfo.responseFlags |= ResponseFlag.UpstreamRetryLimitExceeded;
  }
}
