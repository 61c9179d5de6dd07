import type { DiscoveredExtension, ExtensionFollower } from "./extension-configs.ts";
import { Generation } from "./generation.ts";
import type { ExtensionConfig, ExtensionConfigUpdate } from "./model.ts";

/** What filters are made by. */
interface Factory {
  /** Takes over what filters of this one hold; one that cannot has filters keep what they began with. */
  succeededBy?(next: never): void;
  close?(): void;
}

/** The factory of the configuration by ECDS that there is now; who began with one before keeps that. */
export class FollowedFactory<F extends Factory> implements ExtensionFollower {
  readonly #extension: DiscoveredExtension;
  readonly #build: (config: ExtensionConfig) => F;
  #current: Generation<F> | null;

  constructor(extension: DiscoveredExtension, build: (config: ExtensionConfig) => F) {
    this.#extension = extension;
    this.#build = build;
    this.#current = this.#generationOf(extension.config);
    extension.follow(this);
  }

  onExtensionConfig({ config, concernsOld }: ExtensionConfigUpdate): void {
    const before = this.#current;
    const succeed = before?.factory.succeededBy?.bind(before.factory);
    if (concernsOld && config !== null && succeed !== undefined) {
      succeed(this.#build(config) as never);
      return;
    }
    this.#current = this.#generationOf(config);
    before?.retire();
  }

  /** Idempotent. */
  close(): void {
    this.#extension.unfollow(this);
    this.#current?.retire();
  }

  /** Null as long as there is no configuration. */
  protected get current(): Generation<F> | null {
    return this.#current;
  }

  #generationOf(config: ExtensionConfig | null): Generation<F> | null {
    return config === null ? null : new Generation(this.#build(config));
  }
}
