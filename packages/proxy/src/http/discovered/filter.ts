import type { DiscoveredExtension, ExtensionFollower } from "../../extension/extension-configs.ts";
import { Generation } from "../../extension/generation.ts";
import {
  DISCOVERED,
  type DiscoveredConfig,
  type ExtensionConfig,
  type ExtensionConfigUpdate,
} from "../../extension/model.ts";
import type { HttpFilter } from "../filter.ts";
import type { HttpFilterFactory, HttpFilterWorkerSide } from "../filters/extension.ts";
import { MissingFilter } from "./missing-filter.ts";

/** Worker side of a filter whose configuration comes by ECDS; `sides`: those that it can be. */
export function discoveredFilterSide(
  sides: ReadonlyMap<string, HttpFilterWorkerSide>,
): HttpFilterWorkerSide<DiscoveredConfig> {
  return {
    configType: DISCOVERED,
    build: ({ id }, worker, host) =>
      new DiscoveredFilterFactory(host.services.extensionConfigs.of(id), ({ type, config }) =>
        sides.get(type)!.build(config as never, worker, host),
      ),
  };
}

/** Makes the filters of the configuration that there is; a stream keeps the one that it began with. */
class DiscoveredFilterFactory implements HttpFilterFactory, ExtensionFollower {
  readonly #extension: DiscoveredExtension;
  readonly #build: (config: ExtensionConfig) => HttpFilterFactory;
  #current: Generation<HttpFilterFactory> | null;

  constructor(
    extension: DiscoveredExtension,
    build: (config: ExtensionConfig) => HttpFilterFactory,
  ) {
    this.#extension = extension;
    this.#build = build;
    this.#current = this.#generationOf(extension.config);
    extension.follow(this);
  }

  create(): HttpFilter {
    return this.#current === null ? new MissingFilter() : createOf(this.#current);
  }

  onExtensionConfig({ config }: ExtensionConfigUpdate): void {
    const before = this.#current;
    this.#current = this.#generationOf(config);
    before?.retire();
  }

  close(): void {
    this.#extension.unfollow(this);
    this.#current?.retire();
  }

  #generationOf(config: ExtensionConfig | null): Generation<HttpFilterFactory> | null {
    return config === null ? null : new Generation(this.#build(config));
  }
}

/** Only a factory that has something to close needs to know when its last stream is gone. */
function createOf(generation: Generation<HttpFilterFactory>): HttpFilter {
  const filter = generation.factory.create();
  if (generation.factory.close === undefined) return filter;
  const onDestroy = filter.onDestroy?.bind(filter);
  generation.join();
  filter.onDestroy = () => {
    onDestroy?.();
    generation.leave();
  };
  return filter;
}
