import type { ExtensionConfigs, ExtensionUse } from "../../config/context.ts";
import type { ExtensionConfig } from "../../extension/model.ts";
import type { ToWorker } from "../../worker/messages.ts";
import { shareEqual } from "../share-equal.ts";
import { ExtensionSubscription } from "./extension-subscription.ts";
import { InitTargets } from "./init-targets.ts";
import type { LiveParts } from "./live-parts.ts";
import { SharedResource } from "./shared-resource.ts";
import { sourceKey } from "./source-key.ts";

/**
 * The filters that come by ECDS. A resource is received once, and compiled once for each place where it means something of
 * its own; workers have it by the place's number, so that a new configuration leaves listeners and connections alone.
 */
export class DiscoveredExtensions implements ExtensionConfigs {
  readonly #places = new Map<string, ExtensionPlace>();
  readonly #subscriptions = new Map<string, ExtensionSubscription>();
  #parts: LiveParts | null = null;
  #count = 0;

  /** From now on what is needed is asked for. */
  start(parts: LiveParts): void {
    this.#parts = parts;
  }

  of(use: ExtensionUse): ExtensionPlace {
    const { kind, name, key, discovery } = use;
    const placeKey = JSON.stringify([kind, name, key, sourceKey(discovery)]);
    let place = this.#places.get(placeKey);
    if (place === undefined) {
      place = new ExtensionPlace(++this.#count, use, {
        parts: () => this.#parts,
        subscription: () => this.#subscriptionOf(use),
        end: () => this.#places.delete(placeKey),
      });
      this.#places.set(placeKey, place);
    }
    return place.hold();
  }

  /** What workers have under this number, or will have as soon as it is in use; null for nothing. */
  configOf(id: number): ExtensionConfig | null {
    for (const place of this.#places.values()) if (place.id === id) return place.current;
    return null;
  }

  /** What a successor of a dead worker must hear, before the listeners. */
  messages(): ToWorker[] {
    return [...this.#places.values()].map((place) => place.message(false));
  }

  #subscriptionOf({ kind, name, source }: ExtensionUse): ExtensionSubscription {
    const key = JSON.stringify([kind, name, sourceKey(source)]);
    let subscription = this.#subscriptions.get(key);
    if (subscription === undefined) {
      const end = (): void => void this.#subscriptions.delete(key);
      subscription = new ExtensionSubscription({ kind, name, source }, this.#parts!, end);
      this.#subscriptions.set(key, subscription);
    }
    return subscription;
  }
}

interface PlaceOwner {
  /** Null where nothing is started. */
  parts(): LiveParts | null;
  subscription(): ExtensionSubscription;
  end(): void;
}

/** One place, or several that are the same, where a filter comes by ECDS. */
export class ExtensionPlace extends SharedResource {
  readonly id: number;
  readonly name: string;
  readonly use: ExtensionUse;
  current: ExtensionConfig | null;
  readonly #owner: PlaceOwner;
  /** What the configuration in use needs from elsewhere. */
  #needs: InitTargets | null = null;
  /** What the next one does, while it waits for it. */
  #warming: InitTargets | null = null;

  constructor(id: number, use: ExtensionUse, owner: PlaceOwner) {
    super();
    this.id = id;
    this.name = `filter '${use.name}'`;
    this.use = use;
    this.current = use.default;
    this.#owner = owner;
  }

  message(concernsOld: boolean): ToWorker {
    const { id, current: config } = this;
    return { kind: "extension_config", update: { id, config, concernsOld } };
  }

  /** Takes a configuration as soon as there is what it needs, or none: then the default one is in use. */
  take(config: ExtensionConfig | null, needs: InitTargets): void {
    this.#warming?.release();
    this.#warming = needs;
    needs.whenReady(() => {
      if (this.#warming !== needs) return;
      this.#warming = null;
      this.#needs?.release();
      this.#needs = needs;
      this.#set(config ?? this.use.default);
      this.answer();
    });
  }

  /** There will be no answer for now. */
  giveUp(): void {
    if (this.#warming === null) this.answer();
  }

  protected subscribe(): { cancel(): void } {
    // It may be that the default is all that there will be for a while.
    this.#owner.parts()!.post(this.message(false));
    const subscription = this.#owner.subscription();
    subscription.add(this);
    if (!this.use.waits) this.answer();
    return { cancel: () => subscription.remove(this) };
  }

  protected ended(): void {
    this.#owner.end();
    this.#warming?.release();
    this.#needs?.release();
    this.#owner.parts()?.post({ kind: "forget_extension_config", id: this.id });
  }

  #set(config: ExtensionConfig | null): void {
    const before = this.current;
    // One that means the same keeps what it counts; another one begins anew.
    if (shareEqual(before ?? undefined, config) === before) return;
    this.current = config;
    const concernsOld =
      before !== null && before.type === config?.type && this.use.concernsOld(before, config);
    this.#owner.parts()!.post(this.message(concernsOld));
  }
}
