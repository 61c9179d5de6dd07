import { create } from "@bufbuild/protobuf";
import { discoverySchemas } from "../types/discovery-messages.ts";
import type { DeltaDiscoveryRequest, DeltaDiscoveryResponse } from "../types/discovery-messages.ts";
import { WILDCARD } from "../types/resource-name.ts";
import { readDeltaResponse } from "./read-response.ts";
import { nackStatus } from "./rejection-text.ts";
import type { TypeSession } from "./type-session.ts";
import type { TypeSubscription } from "./type-subscription.ts";

interface Answer {
  readonly nonce: string;
  /** Null: accepted. */
  readonly error: string | null;
}

/** The incremental protocol: every response has its answer, and requests name what became different. */
export class DeltaSession implements TypeSession<DeltaDiscoveryRequest, DeltaDiscoveryResponse> {
  readonly #subscription: TypeSubscription;
  #answers: Answer[] = [];
  /** What the control plane knows to be wanted. */
  readonly #told = new Set<string>();
  #hasNewInterest = false;
  #hasSpoken = false;

  constructor(subscription: TypeSubscription) {
    this.#subscription = subscription;
  }

  streamOpened(): void {
    this.#answers = [];
    this.#told.clear();
    this.#hasNewInterest = true;
    this.#hasSpoken = false;
  }

  interestChanged(): void {
    this.#hasNewInterest = true;
  }

  receive(response: DeltaDiscoveryResponse): void {
    const { typeUrl } = this.#subscription;
    const heldVersion = (name: string): string | undefined => this.#subscription.heldVersion(name);
    const update = readDeltaResponse(response, typeUrl, heldVersion);
    if ("problem" in update) this.#subscription.reject();
    const error = "problem" in update ? update.problem : (this.#subscription.apply(update) ?? null);
    this.#answers.push({ nonce: response.nonce, error });
  }

  get hasNews(): boolean {
    // The first request of a stream would be one for everything when it named nothing.
    if (!this.#hasSpoken) return this.#subscription.isWanted;
    return this.#answers.length > 0 || this.#hasNewInterest;
  }

  takeRequest(): DeltaDiscoveryRequest | null {
    if (!this.hasNews) return null;
    const isFirst = !this.#hasSpoken;
    const { subscribe, unsubscribe } = this.#interestChange();
    const answer = this.#answers.shift();
    this.#subscription.forgetUnwanted();
    const isEmpty = answer === undefined && subscribe.length + unsubscribe.length === 0;
    if (isEmpty && !isFirst) return null;
    this.#hasSpoken = true;
    // The older form of the wildcard is the one that every server knows.
    const isOldWildcard = isFirst && subscribe.length === 1 && subscribe[0] === WILDCARD;
    const request = create(discoverySchemas().deltaRequest, {
      typeUrl: this.#subscription.typeUrl,
      resourceNamesSubscribe: isOldWildcard ? [] : subscribe,
      resourceNamesUnsubscribe: unsubscribe,
      responseNonce: answer?.nonce ?? "",
      initialResourceVersions: isFirst ? this.#heldVersions() : {},
    });
    if (typeof answer?.error === "string") request.errorDetail = nackStatus(answer.error);
    return request;
  }

  /** What the control plane has to be told; it counts as told. */
  #interestChange(): { subscribe: string[]; unsubscribe: string[] } {
    if (!this.#hasNewInterest) return { subscribe: [], unsubscribe: [] };
    this.#hasNewInterest = false;
    const subscribe = [...this.#subscription.names].filter((name) => !this.#told.has(name));
    const unsubscribe = [...this.#told].filter((name) => !this.#subscription.wants(name));
    for (const name of subscribe) this.#told.add(name);
    for (const name of unsubscribe) this.#told.delete(name);
    return { subscribe, unsubscribe };
  }

  #heldVersions(): Record<string, string> {
    const versions: Record<string, string> = {};
    for (const { name, version } of this.#subscription.held()) versions[name] = version;
    return versions;
  }
}
