import type { DiscoveryRequest } from "../types/discovery-messages.ts";
import { WILDCARD, canonicalResourceName } from "../types/resource-name.ts";
import { mayBeReferredTo, resourceTypeOfUrl } from "../types/resource-type.ts";
import type { CachedResource } from "./cached-resource.ts";
import type { ResourceSet } from "./resource-table.ts";
import type { ResponseDraft } from "./response.ts";
import { XdsStream } from "./stream.ts";
import type { Subscription } from "./subscription.ts";

/**
 * State of the world: each request says all that the client wants. A response of listeners or clusters, and one to a
 * wildcard, is complete, for that is how a client learns what is gone; of other types it has what is new.
 */
export class SotwStream extends XdsStream {
  /** What the last complete response had. */
  readonly #complete = new Map<Subscription, readonly CachedResource[]>();

  /** Takes a request. Throws an XdsStreamError when the stream has to end. */
  receive(request: DiscoveryRequest): void {
    const found = this.subscriptionOf(request.node, request.typeUrl);
    if (found === undefined) return;
    const { subscription, isFirst } = found;
    // The client has not seen the newest response yet. When it has, it says all that it wants once more.
    if (subscription.lastNonce !== undefined && subscription.lastNonce !== request.responseNonce)
      return;
    this.answer(subscription, request.responseNonce, request.errorDetail?.message);
    this.#want(subscription, new Set(request.resourceNames.map(canonicalResourceName)), isFirst);
  }

  protected override isComplete({ typeUrl, wildcard }: Subscription): boolean {
    return wildcard || resourceTypeOfUrl(typeUrl)?.fullState === true;
  }

  protected override compose(subscription: Subscription): ResponseDraft | undefined {
    const set = subscription.table.set;
    if (set === undefined) return undefined;
    if (this.isComplete(subscription)) return this.#completeState(subscription, set);
    const resources = newResources(subscription, set);
    return resources && { version: set.version, resources, removed: [], heartbeats: [] };
  }

  /** The complete state without what is gone: nothing else says so. */
  protected override composeRemoval(subscription: Subscription): ResponseDraft | undefined {
    const set = subscription.table.set;
    if (set === undefined || subscription.gone.size === 0) return undefined;
    subscription.gone.clear();
    return this.#completed(subscription, set, wantedResources(subscription, set));
  }

  #want(subscription: Subscription, names: Set<string>, isFirst: boolean): void {
    // A client that has never named anything wants all; one that has may come to want nothing.
    subscription.wildcardByDefault =
      names.size === 0 && (isFirst || subscription.wildcardByDefault);
    const wildcard = names.delete(WILDCARD) || subscription.wildcardByDefault;
    for (const name of subscription.names) {
      if (!names.has(name)) subscription.drop(name);
    }
    this.addNames(
      subscription,
      [...names].filter((name) => !subscription.names.has(name)),
    );
    subscription.setWildcard(wildcard);
  }

  #completeState(subscription: Subscription, set: ResourceSet): ResponseDraft | undefined {
    const { dirty, asked, known, heartbeats } = subscription;
    const mustAnswer = subscription.mustAnswer || asked.size > 0 || heartbeats.size > 0;
    if (dirty.size === 0 && !mustAnswer) return undefined;
    const wanted = wantedResources(subscription, set);
    const lingering = this.#lingering(subscription, set);
    const differs =
      wanted.length + lingering.length !== known.size ||
      wanted.some((resource) => !subscription.hasVersion(resource));
    dirty.clear();
    asked.clear();
    heartbeats.clear();
    subscription.mustAnswer = false;
    if (!differs && !mustAnswer) return undefined;
    return this.#completed(subscription, set, [...wanted, ...lingering]);
  }

  #completed(
    subscription: Subscription,
    set: ResourceSet,
    resources: readonly CachedResource[],
  ): ResponseDraft {
    this.#complete.set(subscription, resources);
    const lingering = subscription.gone.size;
    const version = lingering === 0 ? set.version : `${set.version}+${lingering}`;
    return { version, resources, removed: [], heartbeats: [] };
  }

  /**
   * What is gone and what other types of the stream may still refer to. It stays in the response until those have been
   * sent and answered; then the state is sent once more, without it.
   */
  #lingering(subscription: Subscription, set: ResourceSet): CachedResource[] {
    const before = this.#complete.get(subscription) ?? [];
    const lingering =
      this.subscriptions.length === 1 || !mayBeReferredTo(subscription.typeUrl)
        ? []
        : before.filter(
            ({ name }) =>
              !set.resources.has(name) &&
              subscription.wants(name) &&
              !subscription.refused.has(name),
          );
    subscription.gone.clear();
    for (const { name } of lingering) subscription.gone.add(name);
    return lingering;
  }
}

function wantedResources(subscription: Subscription, set: ResourceSet): CachedResource[] {
  return subscription.wildcard ? [...set.resources.values()] : resourcesOf(subscription.names, set);
}

/** Of the names that have to be looked at, those that differ from what the client was sent. */
function newResources(subscription: Subscription, set: ResourceSet): CachedResource[] | undefined {
  const { dirty, asked, known, heartbeats } = subscription;
  const due = resourcesOf(dirty, set).filter(
    (resource) => subscription.wants(resource.name) && !subscription.hasVersion(resource),
  );
  for (const name of dirty) {
    if (!set.resources.has(name)) known.delete(name);
  }
  const sent = new Set([...due, ...resourcesOf(heartbeats, set)]);
  dirty.clear();
  asked.clear();
  heartbeats.clear();
  const resources = sent.size === 0 ? subscription.takeRetry() : [...sent];
  return resources.length === 0 ? undefined : resources;
}

function resourcesOf(names: Iterable<string>, set: ResourceSet): CachedResource[] {
  return Array.from(names, (name) => set.resources.get(name)).filter(
    (resource) => resource !== undefined,
  );
}
