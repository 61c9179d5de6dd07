import type { DeltaDiscoveryRequest } from "../types/discovery-messages.ts";
import { WILDCARD, canonicalResourceName } from "../types/resource-name.ts";
import { mayBeReferredTo } from "../types/resource-type.ts";
import type { CachedResource } from "./cached-resource.ts";
import type { ResourceSet } from "./resource-table.ts";
import type { ResponseDraft } from "./response.ts";
import { XdsStream } from "./stream.ts";
import type { Subscription } from "./subscription.ts";

/** The delta variant: requests say what the client wants more or less than before, responses what differs and what is gone. */
export class DeltaStream extends XdsStream {
  /** Takes a request. Throws an XdsStreamError when the stream has to end. */
  receive(request: DeltaDiscoveryRequest): void {
    const found = this.subscriptionOf(request.node, request.typeUrl);
    if (found === undefined) return;
    const { subscription, isFirst } = found;
    this.answer(subscription, request.responseNonce, request.errorDetail?.message);
    const wanted = new Set(request.resourceNamesSubscribe.map(canonicalResourceName));
    const isWildcard = (isFirst && wanted.size === 0) || wanted.delete(WILDCARD);
    this.addNames(subscription, wanted);
    if (isWildcard) subscription.setWildcard(true);
    if (isFirst) bring(subscription, request.initialResourceVersions);
    this.#unsubscribe(subscription, request.resourceNamesUnsubscribe);
  }

  protected override isComplete(): boolean {
    return false;
  }

  protected override compose(subscription: Subscription): ResponseDraft | undefined {
    const set = subscription.table.set;
    if (set === undefined || !subscription.mayHaveNews) return undefined;
    const { resources, removed } = news(subscription, set);
    const isNew = new Set(resources.map(({ name }) => name));
    const heartbeats = Array.from(subscription.heartbeats, (name) => set.resources.get(name))
      .filter((resource) => resource !== undefined)
      .filter((resource) => !isNew.has(resource.name) && subscription.hasVersion(resource));
    subscription.heartbeats.clear();
    const { mustAnswer } = subscription;
    subscription.mustAnswer = false;
    if (mustAnswer || resources.length > 0 || removed.length > 0 || heartbeats.length > 0)
      return { version: set.version, resources, removed, heartbeats };
    const retried = subscription.takeRetry();
    if (retried.length === 0) return undefined;
    return { version: set.version, resources: retried, removed: [], heartbeats: [] };
  }

  protected override composeRemoval(subscription: Subscription): ResponseDraft | undefined {
    if (subscription.gone.size === 0) return undefined;
    const set = subscription.table.set;
    const removed = [...subscription.gone].filter((name) => subscription.wants(name));
    subscription.gone.clear();
    if (set === undefined || removed.length === 0) return undefined;
    return { version: set.version, resources: [], removed, heartbeats: [] };
  }

  #unsubscribe(subscription: Subscription, unwanted: readonly string[]): void {
    for (const name of unwanted.map(canonicalResourceName)) {
      if (name === WILDCARD) {
        subscription.setWildcard(false);
        continue;
      }
      subscription.drop(name);
      // The client cannot know whether the wildcard still brings it the resource.
      if (subscription.wildcard) subscription.ask(name);
    }
  }
}

/** Takes over what the client has from another stream. */
function bring(subscription: Subscription, versions: Readonly<Record<string, string>>): void {
  for (const [name, version] of Object.entries(versions)) {
    const canonical = canonicalResourceName(name);
    if (!subscription.wants(canonical)) continue;
    subscription.known.set(canonical, version);
    subscription.changed(canonical);
  }
}

/** Looks at the names that have changed. Notes those that are gone, for later, where something may refer to them. */
function news(
  subscription: Subscription,
  set: ResourceSet,
): { resources: CachedResource[]; removed: string[] } {
  const { dirty, asked, known, gone } = subscription;
  const resources: CachedResource[] = [];
  const removed: string[] = [];
  const waits = mayBeReferredTo(subscription.typeUrl);
  for (const name of dirty) {
    const resource = set.resources.get(name);
    if (resource !== undefined) {
      gone.delete(name);
      if (subscription.wants(name) && !subscription.hasVersion(resource)) resources.push(resource);
    } else if (asked.has(name)) {
      // A collection that has nothing in it is said not to be there, so that the client knows.
      if (!subscription.collections.has(name) || subscription.table.namesIn(name).size === 0)
        removed.push(name);
    } else if (known.has(name)) {
      if (waits) gone.add(name);
      else if (subscription.wants(name)) removed.push(name);
    }
  }
  dirty.clear();
  asked.clear();
  return { resources, removed };
}
