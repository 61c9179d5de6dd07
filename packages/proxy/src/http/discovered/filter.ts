import { FollowedFactory } from "../../extension/followed-factory.ts";
import type { Generation } from "../../extension/generation.ts";
import { DISCOVERED, type DiscoveredConfig } from "../../extension/model.ts";
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
class DiscoveredFilterFactory
  extends FollowedFactory<HttpFilterFactory>
  implements HttpFilterFactory
{
  create(): HttpFilter {
    const { current } = this;
    return current === null ? new MissingFilter() : createOf(current);
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
