import type { WorkerContext } from "../../../base/worker-context.ts";
import { buildFormatter, type Formatter } from "../../../observe/format/formatter.ts";
import { connectionContext, connectionStreamInfo } from "../../../observe/stream-info.ts";
import type { ListenerFilterWorkerSide } from "../extension.ts";
import { ListenerFilterStatus, type AcceptedFacts, type ListenerFilter } from "../filter.ts";
import type { FilterStateValueConfig, SetFilterStateConfig } from "./model.ts";
import { filterStateObject } from "./objects.ts";

interface Value {
  readonly config: FilterStateValueConfig;
  readonly formatter: Formatter;
}

/** Puts objects into the filter state that are made of what is known of the connection so far. */
class SetFilterState implements ListenerFilter {
  readonly #values: readonly Value[];
  readonly #worker: WorkerContext;

  constructor({ values }: SetFilterStateConfig, worker: WorkerContext) {
    this.#worker = worker;
    this.#values = values.map((config) => ({
      config,
      formatter: buildFormatter(config.format, worker),
    }));
  }

  onAccept(facts: AcceptedFacts): ListenerFilterStatus {
    const worker = this.#worker;
    const info = connectionStreamInfo(facts);
    info.startTimeMs = worker.wallMs() - (worker.nowMs() - info.startMs);
    const context = connectionContext(info);
    for (const { config, formatter } of this.#values) {
      const text = Buffer.from(formatter.text(context), "latin1").toString("utf8");
      if (text === "" && config.skipIfEmpty) continue;
      const object = filterStateObject(config.factory, text);
      if (object === null) continue;
      info.filterState = facts.filterState ??= new Map<string, unknown>();
      info.filterState.set(config.key, object);
    }
    return ListenerFilterStatus.Continue;
  }

  onData(): ListenerFilterStatus {
    return ListenerFilterStatus.Continue;
  }
}

/** Worker side of what sets the filter state. */
export const setFilterStateWorkerSide: ListenerFilterWorkerSide<SetFilterStateConfig> = {
  configType: "envoy.extensions.filters.listener.set_filter_state.v3.Config",
  build: (config, worker) => new SetFilterState(config, worker),
};
