import type { Node } from "@nuncio/api/types/envoy/config/core/v3/base_pb";
import type { Clock, Timer } from "../types/clock.ts";
import { orderOfUrl } from "../types/resource-type.ts";
import type { BackOffSettings } from "./back-off.ts";
import { BackOff } from "./back-off.ts";
import type { RequestLimitSettings } from "./request-limit.ts";
import { RequestLimit } from "./request-limit.ts";
import type { ControlPlaneStats, StreamStatus } from "./stream-status.ts";
import type { StreamConnection, StreamTransport } from "./stream-transport.ts";
import type { TypeSession } from "./type-session.ts";
import { TypeSubscription } from "./type-subscription.ts";

/** A request of either protocol. */
export interface AnyRequest {
  node?: Node | undefined;
}

/** A response of either protocol. */
export interface AnyResponse {
  readonly typeUrl: string;
  readonly controlPlane?: { readonly identifier: string } | undefined;
}

/** Settings of a stream. */
export interface DiscoveryStreamOptions<Request extends AnyRequest, Response extends AnyResponse> {
  readonly transport: StreamTransport<Request, Response>;
  readonly newSession: (subscription: TypeSubscription) => TypeSession<Request, Response>;
  readonly node: Node;
  readonly setNodeOnFirstMessageOnly: boolean;
  readonly clock: Clock;
  /** 0 up to 1 */
  readonly random: () => number;
  readonly backOff: BackOffSettings;
  /** Null: requests are sent as they come. */
  readonly requestLimit: RequestLimitSettings | null;
  readonly stats: ControlPlaneStats | undefined;
}

interface TypeEntry<Request, Response> {
  readonly subscription: TypeSubscription;
  readonly session: TypeSession<Request, Response>;
  pauses: number;
}

/**
 * One stream to a control plane, opened again whenever it ends, with any number of types on it: all of them for ADS, one
 * for the others. What owners want in the course of an update is asked for when they are done: the response is answered
 * first, then come the requests for what it refers to.
 */
export class DiscoveryStream<Request extends AnyRequest, Response extends AnyResponse> {
  readonly #options: DiscoveryStreamOptions<Request, Response>;
  readonly #clock: Clock;
  readonly #backOff: BackOff;
  readonly #limit: RequestLimit | null;
  readonly #types = new Map<string, TypeEntry<Request, Response>>();
  /** Types that may have something to say, in the order in which they got it. */
  readonly #queue = new Set<string>();
  #connection: StreamConnection<Request> | null = null;
  #state: StreamStatus["state"] = "idle";
  #connectedSinceMs: number | null = null;
  #lastDisconnect: StreamStatus["lastDisconnect"] = null;
  #attempts = 0;
  #identifier = "";
  #ignoredResponses = 0;
  #hasSentNode = false;
  #isReceiving = false;
  #isClosed = false;
  #flushTimer: Timer | null = null;
  #retryTimer: Timer | null = null;
  #nextAttemptAtMs: number | null = null;

  constructor(options: DiscoveryStreamOptions<Request, Response>) {
    this.#options = options;
    this.#clock = options.clock;
    this.#backOff = new BackOff(options.backOff, options.random);
    const { requestLimit } = options;
    this.#limit = requestLimit === null ? null : new RequestLimit(requestLimit, options.clock);
  }

  /** What is wanted of a type. The stream is opened when something is. */
  subscription(typeUrl: string): TypeSubscription {
    let entry = this.#types.get(typeUrl);
    if (entry === undefined) {
      const subscription = new TypeSubscription(typeUrl, this.#clock, () => this.#wanted(typeUrl));
      entry = { subscription, session: this.#options.newSession(subscription), pauses: 0 };
      entry.session.streamOpened();
      this.#types.set(typeUrl, entry);
    }
    return entry.subscription;
  }

  subscriptions(): TypeSubscription[] {
    return Array.from(this.#types.values(), ({ subscription }) => subscription);
  }

  /** Holds the requests of some types back, answers among them, until the returned function is called. */
  pause(typeUrls: readonly string[]): () => void {
    const entries = typeUrls.map((typeUrl) => {
      this.subscription(typeUrl);
      return this.#types.get(typeUrl)!;
    });
    for (const entry of entries) entry.pauses += 1;
    let isPaused = true;
    return () => {
      if (!isPaused) return;
      isPaused = false;
      for (const entry of entries) entry.pauses -= 1;
      this.#scheduleFlush(0);
    };
  }

  status(): StreamStatus {
    return {
      state: this.#state,
      connectedSinceMs: this.#connectedSinceMs,
      lastDisconnect: this.#lastDisconnect,
      nextAttemptAtMs: this.#nextAttemptAtMs,
      attempts: this.#attempts,
      identifier: this.#identifier,
      pendingTypeUrls: [...this.#queue],
      ignoredResponses: this.#ignoredResponses,
    };
  }

  /** Ends the stream and all watches on it. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#retryTimer?.cancel();
    this.#flushTimer?.cancel();
    this.#connection?.close();
    this.#connection = null;
    this.#state = "idle";
    if (this.#connectedSinceMs !== null) this.#options.stats?.setConnected(false);
    this.#connectedSinceMs = null;
    for (const { subscription } of this.#types.values()) subscription.close();
  }

  #wanted(typeUrl: string): void {
    if (this.#isClosed) return;
    this.#types.get(typeUrl)?.session.interestChanged();
    if (this.#state === "idle") this.#connect();
    this.#queue.add(typeUrl);
    this.#scheduleFlush(0);
  }

  #connect(): void {
    this.#state = "connecting";
    this.#attempts += 1;
    this.#nextAttemptAtMs = null;
    const connection = this.#options.transport.connect({
      onOpen: () => {
        if (this.#connection === connection) this.#opened();
      },
      onMessage: (response) => {
        if (this.#connection === connection) this.#received(response);
      },
      onClose: (reason) => {
        if (this.#connection === connection) this.#disconnected(reason);
      },
    });
    this.#connection = connection;
  }

  #opened(): void {
    this.#state = "connected";
    this.#connectedSinceMs = this.#clock.nowMs();
    this.#options.stats?.setConnected(true);
    this.#hasSentNode = false;
    this.#queue.clear();
    const inOrder = [...this.#types.keys()].sort((a, b) => orderOfUrl(a) - orderOfUrl(b));
    for (const typeUrl of inOrder) {
      this.#types.get(typeUrl)?.session.streamOpened();
      this.#queue.add(typeUrl);
    }
    this.#flush();
  }

  #received(response: Response): void {
    const identifier = response.controlPlane?.identifier;
    if (identifier !== undefined && identifier !== this.#identifier) {
      this.#identifier = identifier;
      this.#options.stats?.setIdentifier(identifier);
    }
    this.#backOff.reset();
    this.#attempts = 0;
    const entry = this.#types.get(response.typeUrl);
    if (entry === undefined) {
      this.#ignoredResponses += 1;
      return;
    }
    this.#queue.add(response.typeUrl);
    this.#isReceiving = true;
    try {
      entry.session.receive(response);
    } finally {
      this.#isReceiving = false;
    }
    this.#flush();
  }

  #disconnected(reason: string): void {
    const atMs = this.#clock.nowMs();
    if (this.#connectedSinceMs !== null) this.#options.stats?.setConnected(false);
    this.#connection = null;
    this.#connectedSinceMs = null;
    this.#lastDisconnect = { reason, atMs };
    this.#state = "waiting";
    const delayMs = this.#backOff.nextMs();
    this.#nextAttemptAtMs = atMs + delayMs;
    this.#retryTimer = this.#clock.setTimer(delayMs, () => this.#connect());
    for (const subscription of this.subscriptions()) subscription.connectionFailed(reason);
  }

  #scheduleFlush(delayMs: number): void {
    // What owners want while they are called is sent when they are done.
    if (this.#isReceiving || this.#isClosed || this.#flushTimer !== null) return;
    this.#flushTimer = this.#clock.setTimer(delayMs, () => {
      this.#flushTimer = null;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#state !== "connected") return;
    for (const typeUrl of this.#queue) {
      const entry = this.#types.get(typeUrl);
      const isHeld = entry !== undefined && entry.pauses > 0 && entry.session.hasNews;
      if (isHeld) continue;
      if (entry !== undefined && !this.#sendAll(entry.session)) break;
      this.#queue.delete(typeUrl);
    }
    this.#options.stats?.setPendingRequests(this.#queue.size);
  }

  /** False when something is left that may not be sent now. */
  #sendAll(session: TypeSession<Request, Response>): boolean {
    while (session.hasNews) {
      const waitMs = this.#limit?.waitMs() ?? 0;
      if (waitMs > 0) {
        this.#options.stats?.rateLimitEnforced();
        this.#scheduleFlush(waitMs);
        return false;
      }
      const request = session.takeRequest();
      if (request === null) break;
      this.#limit?.take();
      if (!this.#hasSentNode || !this.#options.setNodeOnFirstMessageOnly)
        request.node = this.#options.node;
      this.#hasSentNode = true;
      this.#connection?.send(request);
      if (this.#state !== "connected") return false;
    }
    return true;
  }
}
