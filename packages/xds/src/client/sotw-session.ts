import { create } from "@bufbuild/protobuf";
import { discoverySchemas } from "../types/discovery-messages.ts";
import type { DiscoveryRequest, DiscoveryResponse } from "../types/discovery-messages.ts";
import { WILDCARD } from "../types/resource-name.ts";
import { readResponse } from "./read-response.ts";
import { nackStatus } from "./rejection-text.ts";
import type { TypeSession } from "./type-session.ts";
import type { TypeSubscription } from "./type-subscription.ts";

/**
 * What was given up is kept, and kept up to date, as long as the stream lasts, up to so many names: a server ignores a
 * request that crosses a response, so it may never see that a name was away, and would not send it again.
 */
const UNWANTED_MAX = 1000;

/**
 * The state-of-the-world protocol: every request names all that is wanted and stands in for the ones before it, so a
 * request that waits is brought up to date, never doubled.
 */
export class SotwSession implements TypeSession<DiscoveryRequest, DiscoveryResponse> {
  readonly #subscription: TypeSubscription;
  #nonce = "";
  #error: string | null = null;
  #isDue = false;
  #hasSpoken = false;
  /** A request of this stream had names: from then on one without is no wildcard any more. */
  #hasNamed = false;
  /** Every request of this stream asked for everything, so every response is all that there is. */
  #asksForAll = false;
  /** What is here is all that there was when the version was told. */
  #isSureOfAll = false;

  constructor(subscription: TypeSubscription) {
    this.#subscription = subscription;
  }

  streamOpened(): void {
    this.#nonce = "";
    this.#error = null;
    this.#isDue = true;
    this.#hasSpoken = false;
    this.#hasNamed = false;
    this.#subscription.forgetUnwanted();
  }

  interestChanged(): void {
    this.#isDue = true;
  }

  receive(response: DiscoveryResponse): void {
    this.#nonce = response.nonce;
    this.#isDue = true;
    const { typeUrl } = this.#subscription;
    const update = readResponse(response, typeUrl, (name) => this.#subscription.heldVersion(name));
    if ("problem" in update) this.#subscription.reject();
    // The answer to an earlier request may come after one for everything, and looks like its answer.
    else if (this.#asksForAll) this.#isSureOfAll = true;
    this.#error = "problem" in update ? update.problem : (this.#subscription.apply(update) ?? null);
  }

  get hasNews(): boolean {
    // The first request of a stream would be one for everything when it named nothing.
    return this.#isDue && (this.#hasSpoken || this.#subscription.isWanted);
  }

  takeRequest(): DiscoveryRequest | null {
    return this.hasNews ? this.#newRequest() : null;
  }

  /** A request, whether or not anything is new. Its answer is all that there is, or that nothing is newer. */
  newPoll(): DiscoveryRequest {
    this.#hasSpoken = false;
    return this.#newRequest();
  }

  #newRequest(): DiscoveryRequest {
    const request = create(discoverySchemas().request, {
      typeUrl: this.#subscription.typeUrl,
      versionInfo: this.#version(),
      resourceNames: this.#names(),
      responseNonce: this.#nonce,
    });
    const asksForAll = this.#subscription.wants(WILDCARD);
    this.#asksForAll = asksForAll && (this.#asksForAll || !this.#hasSpoken);
    if (!asksForAll) this.#isSureOfAll = false;
    if (this.#error !== null) request.errorDetail = nackStatus(this.#error);
    this.#error = null;
    this.#isDue = false;
    this.#hasSpoken = true;
    this.#subscription.forgetUnwanted(UNWANTED_MAX);
    return request;
  }

  #names(): string[] {
    const names = [...this.#subscription.names];
    // The older form of the wildcard is the one that every server knows.
    if (names.length === 1 && names[0] === WILDCARD && !this.#hasNamed) return [];
    if (names.length > 0) this.#hasNamed = true;
    return names;
  }

  /** A server may leave out what a client has by its version, so one that lacks something has none. */
  #version(): string {
    if (this.#hasSpoken) return this.#subscription.version;
    const isComplete = this.#subscription.wants(WILDCARD)
      ? this.#isSureOfAll && this.#subscription.isComplete
      : this.#subscription.isComplete;
    return isComplete ? this.#subscription.version : "";
  }
}
