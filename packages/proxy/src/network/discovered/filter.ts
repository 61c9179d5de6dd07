import type { DiscoveredExtension, ExtensionFollower } from "../../extension/extension-configs.ts";
import { Generation } from "../../extension/generation.ts";
import {
  DISCOVERED,
  type DiscoveredConfig,
  type ExtensionConfig,
  type ExtensionConfigUpdate,
} from "../../extension/model.ts";
import type { NetworkFilterWorkerSide } from "../extension.ts";
import type { NetworkFilter, NetworkFilterCallbacks, NetworkFilterFactory } from "../filter.ts";
import { CountedFilter } from "./counted-filter.ts";

/** Worker side of a network filter whose configuration comes by ECDS; `sides`: those that it can be. */
export function discoveredNetworkFilterSide(
  sides: ReadonlyMap<string, NetworkFilterWorkerSide>,
): NetworkFilterWorkerSide<DiscoveredConfig> {
  return {
    configType: DISCOVERED,
    build: ({ id }, services) =>
      new DiscoveredNetworkFilterFactory(services.extensionConfigs.of(id), ({ type, config }) =>
        sides.get(type)!.build(config as never, services),
      ),
  };
}

type Build = (config: ExtensionConfig) => NetworkFilterFactory;

/** Makes the filters of the configuration that there is; a connection keeps the one that it began with. */
class DiscoveredNetworkFilterFactory implements NetworkFilterFactory, ExtensionFollower {
  readonly #extension: DiscoveredExtension;
  readonly #build: Build;
  #current: Generation<NetworkFilterFactory> | null;

  constructor(extension: DiscoveredExtension, build: Build) {
    this.#extension = extension;
    this.#build = build;
    this.#current = this.#generationOf(extension.config);
    extension.follow(this);
  }

  get isMissing(): boolean {
    return this.#current === null;
  }

  get halfClose(): boolean {
    return this.#current?.factory.halfClose ?? false;
  }

  create(callbacks: NetworkFilterCallbacks): NetworkFilter {
    const generation = this.#current!;
    generation.join();
    return new CountedFilter(generation.factory.create(callbacks), generation);
  }

  onExtensionConfig({ config, concernsOld }: ExtensionConfigUpdate): void {
    const before = this.#current;
    const succeed = before?.factory.succeededBy?.bind(before.factory);
    if (concernsOld && config !== null && succeed !== undefined) {
      succeed(this.#build(config));
      return;
    }
    this.#current = this.#generationOf(config);
    before?.retire();
  }

  close(): void {
    this.#extension.unfollow(this);
    this.#current?.retire();
  }

  #generationOf(config: ExtensionConfig | null): Generation<NetworkFilterFactory> | null {
    return config === null ? null : new Generation(this.#build(config));
  }
}
