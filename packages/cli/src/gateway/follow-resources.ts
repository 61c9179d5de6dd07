import {
  DEFAULT_GATEWAY_CLASS,
  EtcdProvider,
  FileProvider,
  Providers,
  StatusWatch,
  UnclaimedWatch,
  type ControlPlane,
  type KnownArrivals,
  type StatusList,
} from "@nuncio/gateway";
import { opened } from "../etcd/with-objects.ts";
import { UsageError } from "../usage-error.ts";
import { complain, textOf } from "./complain.ts";
import type { RunningExample } from "./example.ts";
import type { RunOptions } from "./flags.ts";
import { StatusPrinter } from "./status-printer.ts";

interface Followed {
  /** When objects came, from before this start. */
  readonly arrivals: KnownArrivals | undefined;
  readonly example: RunningExample | undefined;
  /** Keeps statuses for whoever looks in; undefined: nobody can. */
  readonly keeper: Pick<StatusList, "update"> | undefined;
}

/** Has the control plane follow the places that resources come from, and tells what becomes of them. Begins with `started`. */
export function followResources(
  controlPlane: ControlPlane,
  { resources, etcd, limits }: RunOptions,
  { example, keeper, arrivals }: Followed,
): Providers {
  const printer = new StatusPrinter();
  const statuses = new StatusWatch(controlPlane.pipeline.statuses);
  const unclaimed = new UnclaimedWatch(controlPlane.store, controlPlane.pipeline.statuses);
  const texts = example === undefined ? [] : [example.resources];
  const files = new FileProvider({ paths: resources, texts, limits });
  const others = etcd === undefined ? [] : [opened(() => new EtcdProvider(etcd))];
  const providers = new Providers([files, ...others], {
    store: controlPlane.store,
    arrivals,
    defaults: [DEFAULT_GATEWAY_CLASS],
    onChange: () => controlPlane.settle(),
    onProblems: (_, lines) => {
      for (const line of lines) complain(line);
    },
    onState: (provider, state) =>
      complain(
        state.kind === "connected"
          ? `${provider}: connected to ${state.detail}`
          : `${provider}: not connected, all goes on with what there was: ${state.reason}`,
      ),
  });
  controlPlane.onSettled = () => {
    const changed = statuses.take();
    printer.print(changed, unclaimed.take());
    if (changed.size > 0) keeper?.update(changed);
    providers.writeStatuses(changed);
  };
  return providers;
}

/** @throws UsageError when a place cannot be followed */
export async function started(providers: Providers): Promise<void> {
  try {
    await providers.start();
  } catch (error) {
    throw new UsageError(`--resources: ${textOf(error)}`);
  }
}
