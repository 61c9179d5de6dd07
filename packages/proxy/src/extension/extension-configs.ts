import type { ExtensionConfig, ExtensionConfigUpdate } from "./model.ts";

/** Who builds filters of a configuration that comes by ECDS. */
export interface ExtensionFollower {
  /** It is another one now. */
  onExtensionConfig(update: ExtensionConfigUpdate): void;
}

/** One filter configuration that comes by ECDS, as it is now, and all who use it. */
export class DiscoveredExtension {
  /** Null until it came, and when there is none any more. */
  config: ExtensionConfig | null = null;
  readonly #followers = new Set<ExtensionFollower>();

  follow(follower: ExtensionFollower): void {
    this.#followers.add(follower);
  }

  unfollow(follower: ExtensionFollower): void {
    this.#followers.delete(follower);
  }

  set(update: ExtensionConfigUpdate): void {
    this.config = update.config;
    for (const follower of this.#followers) follower.onExtensionConfig(update);
  }
}

/** The filter configurations of a worker that come by ECDS, by the number that main gave. */
export class ExtensionConfigs {
  readonly #extensions = new Map<number, DiscoveredExtension>();

  set(update: ExtensionConfigUpdate): void {
    this.of(update.id).set(update);
  }

  /** Nobody new will ask for it. Who has it keeps it as it is. */
  forget(id: number): void {
    this.#extensions.delete(id);
  }

  /** The one of that number, which may have nothing yet. */
  of(id: number): DiscoveredExtension {
    let extension = this.#extensions.get(id);
    if (extension === undefined) this.#extensions.set(id, (extension = new DiscoveredExtension()));
    return extension;
  }
}
