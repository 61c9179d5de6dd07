import { formatProblem, load } from "@nuncio/api";
import type { Clock, Timer } from "../types/clock.ts";
import type { DiscoveryResponse } from "../types/discovery-messages.ts";
import { readResponse } from "./read-response.ts";
import type { StreamStatus } from "./stream-status.ts";
import { TypeSubscription } from "./type-subscription.ts";

/** What is told of a file. */
export interface FileEvents {
  /** The file as it is now: at first, and whenever another was moved into its place. */
  onContent(content: Uint8Array): void;
  /** The file could not be read. */
  onError(reason: string): void;
}

/** Follows a file. */
export interface FileTransport {
  /** Calls back later, until it is closed. */
  follow(events: FileEvents): { close(): void };
}

/** Settings of a file subscription. */
export interface FileSubscriptionOptions {
  readonly typeUrl: string;
  /** Its extension tells the format: `.yaml`, `.json`, `.pb`, `.pb_text`. */
  readonly path: string;
  readonly transport: FileTransport;
  readonly clock: Clock;
}

/** A DiscoveryResponse in a file. What is wrong with it is told by place; what was accepted before stays. */
export class FileSubscription {
  readonly subscription: TypeSubscription;
  readonly #options: FileSubscriptionOptions;
  #follower: { close(): void } | null = null;
  #response: DiscoveryResponse | null = null;
  #again: Timer | null = null;
  #readSinceMs: number | null = null;
  #lastProblem: StreamStatus["lastDisconnect"] = null;

  constructor(options: FileSubscriptionOptions) {
    this.#options = options;
    this.subscription = new TypeSubscription(options.typeUrl, options.clock, () => this.#wanted());
  }

  /** Connected: the file was read and accepted; the last problem is that of a file that was not. */
  status(): StreamStatus {
    return {
      state: this.#readSinceMs === null ? "waiting" : "connected",
      connectedSinceMs: this.#readSinceMs,
      lastDisconnect: this.#lastProblem,
      nextAttemptAtMs: null,
      attempts: 0,
      identifier: "",
      pendingTypeUrls: [],
      ignoredResponses: 0,
    };
  }

  /** Ends the watches. */
  close(): void {
    this.#follower?.close();
    this.#again?.cancel();
    this.subscription.close();
  }

  #wanted(): void {
    if (this.#follower === null) {
      const { transport } = this.#options;
      this.#follower = transport.follow({
        onContent: (content) => this.#read(content),
        onError: (reason) => this.#failed(reason),
      });
      return;
    }
    // The file has what is wanted now, and nobody will tell of it again.
    this.#again ??= this.#options.clock.setTimer(0, () => {
      this.#again = null;
      this.subscription.forgetUnwanted();
      if (this.#response !== null) this.#apply(this.#response);
    });
  }

  #read(content: Uint8Array): void {
    const { path } = this.#options;
    const { message, problems } = load<DiscoveryResponse>(
      "envoy.service.discovery.v3.DiscoveryResponse",
      [{ name: path, content }],
    );
    if (problems.hasErrors) {
      const errors = problems.list.filter(({ severity }) => severity === "error");
      this.#rejected(errors.map(formatProblem).join("\n"));
      return;
    }
    this.#response = message;
    this.#apply(message);
  }

  #apply(response: DiscoveryResponse): void {
    const { path, typeUrl } = this.#options;
    const update = readResponse(response, typeUrl, (name) => this.subscription.heldVersion(name));
    if ("problem" in update) {
      this.#rejected(`${path}: ${update.problem}`);
      return;
    }
    const text = this.subscription.apply(update);
    if (text === undefined) this.#readSinceMs = this.#options.clock.nowMs();
    else this.#lastProblem = { reason: text, atMs: this.#options.clock.nowMs() };
  }

  #rejected(reason: string): void {
    this.#lastProblem = { reason, atMs: this.#options.clock.nowMs() };
    this.subscription.reject();
  }

  #failed(reason: string): void {
    this.#lastProblem = { reason, atMs: this.#options.clock.nowMs() };
    this.subscription.connectionFailed(reason);
  }
}
