import { FollowedFactory } from "../../extension/followed-factory.ts";
import { DISCOVERED, type DiscoveredConfig } from "../../extension/model.ts";
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

/** Makes the filters of the configuration that there is; a connection keeps the one that it began with. */
class DiscoveredNetworkFilterFactory
  extends FollowedFactory<NetworkFilterFactory>
  implements NetworkFilterFactory
{
  get isMissing(): boolean {
    return this.current === null;
  }

  get halfClose(): boolean {
    return this.current?.factory.halfClose ?? false;
  }

  create(callbacks: NetworkFilterCallbacks): NetworkFilter {
    const generation = this.current!;
    generation.join();
    return new CountedFilter(generation.factory.create(callbacks), generation);
  }
}
