import type { Node } from "@nuncio/api/types/envoy/config/core/v3/base_pb";
import type { Clock, Timer } from "../types/clock.ts";
import type { DiscoveryRequest, DiscoveryResponse } from "../types/discovery-messages.ts";
import { SotwSession } from "./sotw-session.ts";
import type { ControlPlaneStats, StreamStatus } from "./stream-status.ts";
import { TypeSubscription } from "./type-subscription.ts";

/** How a poll ended. */
export type PollResult =
  | { readonly kind: "response"; readonly response: DiscoveryResponse }
  /** The control plane has nothing newer (status 304). */
  | { readonly kind: "not-modified" }
  /** An answer that is no DiscoveryResponse. */
  | { readonly kind: "unreadable"; readonly problem: string }
  | { readonly kind: "failed"; readonly reason: string };

/** Asks one control plane for resources of one type. */
export interface PollTransport {
  /** Calls back once, later; never after it was cancelled. */
  poll(request: DiscoveryRequest, onEnd: (result: PollResult) => void): { cancel(): void };
}

/** Settings of a REST subscription. */
export interface RestSubscriptionOptions {
  readonly typeUrl: string;
  readonly transport: PollTransport;
  readonly node: Node;
  readonly clock: Clock;
  /** 0 up to 1 */
  readonly random: () => number;
  /** `refresh_delay`: polls are this far apart, and up to twice as far. */
  readonly refreshDelayMs: number;
  readonly stats: ControlPlaneStats | undefined;
}

/** The state-of-the-world protocol by polls (REST): a poll says what became of the one before. */
export class RestSubscription {
  readonly subscription: TypeSubscription;
  readonly #options: RestSubscriptionOptions;
  readonly #session: SotwSession;
  #poll: { cancel(): void } | null = null;
  #isPolling = false;
  #isChanged = false;
  #timer: Timer | null = null;
  #isClosed = false;
  #connectedSinceMs: number | null = null;
  #lastDisconnect: StreamStatus["lastDisconnect"] = null;
  #nextAttemptAtMs: number | null = null;
  #attempts = 0;
  #identifier = "";

  constructor(options: RestSubscriptionOptions) {
    this.#options = options;
    this.subscription = new TypeSubscription(options.typeUrl, options.clock, () => this.#wanted());
    this.#session = new SotwSession(this.subscription);
  }

  status(): StreamStatus {
    const isConnected = this.#connectedSinceMs !== null;
    return {
      state: isConnected ? "connected" : this.#isPolling ? "connecting" : "waiting",
      connectedSinceMs: this.#connectedSinceMs,
      lastDisconnect: this.#lastDisconnect,
      nextAttemptAtMs: this.#nextAttemptAtMs,
      attempts: this.#attempts,
      identifier: this.#identifier,
      pendingTypeUrls: [],
      ignoredResponses: 0,
    };
  }

  /** Ends the polls and all watches. */
  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#poll?.cancel();
    this.subscription.close();
  }

  #wanted(): void {
    this.#isChanged = true;
    if (!this.#isPolling) this.#schedule(0);
  }

  #schedule(delayMs: number): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#nextAttemptAtMs = null;
    if (this.#isClosed || !this.subscription.isWanted) return;
    this.#nextAttemptAtMs = this.#options.clock.nowMs() + delayMs;
    this.#timer = this.#options.clock.setTimer(delayMs, () => this.#ask());
  }

  #ask(): void {
    this.#isPolling = true;
    this.#isChanged = false;
    this.#attempts += 1;
    this.#nextAttemptAtMs = null;
    const request = this.#session.newPoll();
    request.node = this.#options.node;
    this.#poll = this.#options.transport.poll(request, (result) => this.#ended(result));
  }

  #ended(result: PollResult): void {
    this.#isPolling = false;
    this.#poll = null;
    if (result.kind === "failed") this.#failed(result.reason);
    else this.#answered(result);
    const { refreshDelayMs, random } = this.#options;
    this.#schedule(this.#isChanged ? 0 : refreshDelayMs + Math.floor(random() * refreshDelayMs));
  }

  #answered(result: Exclude<PollResult, { kind: "failed" }>): void {
    const nowMs = this.#options.clock.nowMs();
    this.#attempts = 0;
    if (this.#connectedSinceMs === null) {
      this.#connectedSinceMs = nowMs;
      this.#options.stats?.setConnected(true);
    }
    if (result.kind === "unreadable") {
      this.#lastDisconnect = { reason: result.problem, atMs: nowMs };
      this.subscription.reject();
    }
    if (result.kind !== "response") return;
    const identifier = result.response.controlPlane?.identifier;
    if (identifier !== undefined && identifier !== this.#identifier) {
      this.#identifier = identifier;
      this.#options.stats?.setIdentifier(identifier);
    }
    this.#session.receive(result.response);
  }

  #failed(reason: string): void {
    if (this.#connectedSinceMs !== null) this.#options.stats?.setConnected(false);
    this.#connectedSinceMs = null;
    this.#lastDisconnect = { reason, atMs: this.#options.clock.nowMs() };
    this.subscription.connectionFailed(reason);
  }
}
