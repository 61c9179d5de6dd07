import type { WorkerContext } from "../../../base/worker-context.ts";
import { HTTP_INSPECTOR_STATS } from "../../../observe/stats/tables/http-inspector.ts";
import type { ListenerFilterWorkerSide } from "../extension.ts";
import { ListenerFilterStatus, type AcceptedFacts, type ListenerFilter } from "../filter.ts";
import { HTTP_INSPECT_MAX_BYTES, httpVersionOf } from "./http-version.ts";
import type { HttpInspectorConfig } from "./model.ts";

const STATS = HTTP_INSPECTOR_STATS.at;

const FOUND = {
  "HTTP/1.0": { stat: STATS.http10_found, protocols: ["http/1.0"] },
  "HTTP/1.1": { stat: STATS.http11_found, protocols: ["http/1.1"] },
  "HTTP/2": { stat: STATS.http2_found, protocols: ["h2c"] },
} as const;

/** Tells the version of HTTP that a connection without TLS speaks, as an application protocol. */
class HttpInspector implements ListenerFilter {
  readonly #base: number;
  readonly #slots: Float64Array;

  constructor(config: HttpInspectorConfig, worker: WorkerContext) {
    this.#base = config.scope.base;
    this.#slots = worker.stats.slots;
  }

  onAccept({ transportProtocol }: AcceptedFacts): ListenerFilterStatus {
    // Behind TLS there is nothing to see.
    return transportProtocol === "" || transportProtocol === "raw_buffer"
      ? ListenerFilterStatus.Wait
      : ListenerFilterStatus.Continue;
  }

  onData(buffer: Buffer, start: number, end: number, facts: AcceptedFacts): ListenerFilterStatus {
    const version = httpVersionOf(buffer, start, Math.min(end, start + HTTP_INSPECT_MAX_BYTES));
    if (version === "more") {
      if (end - start < HTTP_INSPECT_MAX_BYTES) return ListenerFilterStatus.Wait;
      this.#slots[this.#base + STATS.read_error]! += 1;
      return ListenerFilterStatus.Close;
    }
    if (version === "none") {
      this.#slots[this.#base + STATS.http_not_found]! += 1;
      return ListenerFilterStatus.Continue;
    }
    const { stat, protocols } = FOUND[version];
    this.#slots[this.#base + stat]! += 1;
    facts.applicationProtocols = protocols;
    return ListenerFilterStatus.Continue;
  }
}

/** Worker side of the HTTP inspector. */
export const httpInspectorWorkerSide: ListenerFilterWorkerSide<HttpInspectorConfig> = {
  configType: "envoy.extensions.filters.listener.http_inspector.v3.HttpInspector",
  build: (config, worker) => new HttpInspector(config, worker),
};
