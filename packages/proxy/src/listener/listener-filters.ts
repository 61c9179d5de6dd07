import type { DiscoveredExtension, ExtensionConfigs } from "../extension/extension-configs.ts";
import { DISCOVERED, type DiscoveredConfig } from "../extension/model.ts";
import type { NetworkServices } from "../network/services.ts";
import type { ListenerFilterSlot } from "./accepted-socket.ts";
import { ListenerFilterStatus, type ListenerFilter } from "./filters/filter.ts";
import type { ListenerFilterConfig } from "./filters/model.ts";
import { listenerFilterWorkerSides } from "./filters/worker-registry.ts";

/** The listener filters of one version of a listener, built; those that come by ECDS are built anew when they change. */
export class ListenerFilters {
  /** Of connections from now on: another list after each change. */
  slots: readonly ListenerFilterSlot[];
  readonly #stop: (() => void)[] = [];

  /** @param onMissing called for each connection that is closed because a configuration has not come */
  constructor(
    configs: readonly ListenerFilterConfig[],
    { worker, extensionConfigs }: Pick<NetworkServices, "worker" | "extensionConfigs">,
    onMissing: () => void,
  ) {
    const build = (type: string, plain: unknown): ListenerFilter =>
      listenerFilterWorkerSides.get(type)!.build(plain as never, worker);
    const missing: ListenerFilterSlot = { filter: new MissingFilter(onMissing), disabled: null };
    this.slots = configs.map(({ type, config: plain, disabled }, index) => {
      if (type !== DISCOVERED) return { filter: build(type, plain), disabled };
      const slotOf = ({ config }: DiscoveredExtension): ListenerFilterSlot =>
        config === null ? missing : { filter: build(config.type, config.config), disabled };
      return this.#follow(index, plain as DiscoveredConfig, extensionConfigs, slotOf);
    });
  }

  /** No other version of the filters is needed. */
  close(): void {
    for (const stop of this.#stop) stop();
  }

  #follow(
    index: number,
    { id }: DiscoveredConfig,
    extensionConfigs: ExtensionConfigs,
    slotOf: (extension: DiscoveredExtension) => ListenerFilterSlot,
  ): ListenerFilterSlot {
    const extension = extensionConfigs.of(id);
    const follower = {
      onExtensionConfig: () => void (this.slots = this.slots.with(index, slotOf(extension))),
    };
    extension.follow(follower);
    this.#stop.push(() => extension.unfollow(follower));
    return slotOf(extension);
  }
}

/** Stands for a filter whose configuration has not come: there is no way past it. */
class MissingFilter implements ListenerFilter {
  readonly #onMissing: () => void;

  constructor(onMissing: () => void) {
    this.#onMissing = onMissing;
  }

  onAccept(): ListenerFilterStatus {
    this.#onMissing();
    return ListenerFilterStatus.Close;
  }

  onData(): ListenerFilterStatus {
    return ListenerFilterStatus.Close;
  }
}
