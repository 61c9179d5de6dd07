import type { HeaderMap } from "@nuncio/codec";
import type {
  HttpConnectionManagerConfig,
  HttpFilterConfig,
} from "../http/connection-manager/model.ts";
import { HeadersStatus } from "../http/filter.ts";
import type { DecoderFilterCallbacks, HttpFilter } from "../http/filter.ts";
import type { HttpFilterWorkerSide } from "../http/filters/extension.ts";
import { httpFilterWorkerSides } from "../http/filters/worker-registry.ts";
import { StreamInfo } from "../observe/stream-info.ts";
import type { FilterRecord, RehearsalRecord } from "./rehearsal-record.ts";

/** Who is told what the filters do. */
export interface FilterObserver {
  record(): RehearsalRecord;
  /** A stream has made its filters. */
  streamBegan(): void;
}

/** Not the name of any message: configurations cannot name it. */
const OBSERVED = "observed";

interface ObservedPlain {
  readonly chain: readonly HttpFilterConfig[];
  readonly index: number;
  readonly type: string;
  readonly plain: unknown;
}

/** The same connection manager with every HTTP filter inside of an observer. */
export function withObservers(config: HttpConnectionManagerConfig): HttpConnectionManagerConfig {
  const upgrades = config.upgrades.map((upgrade) => ({
    ...upgrade,
    filters: upgrade.filters === null ? null : observed(upgrade.filters),
  }));
  return { ...config, filters: observed(config.filters), upgrades };
}

function observed(chain: readonly HttpFilterConfig[]): HttpFilterConfig[] {
  return chain.map((filter, index) => {
    const plain: ObservedPlain = { chain, index, type: filter.type, plain: filter.config };
    return { ...filter, type: OBSERVED, config: plain };
  });
}

/** The worker sides of all filters, and the observer's. */
export function observedFilters(
  observer: FilterObserver,
): ReadonlyMap<string, HttpFilterWorkerSide> {
  const side: HttpFilterWorkerSide<ObservedPlain> = {
    configType: OBSERVED,
    build({ chain, index, type, plain }, worker, host) {
      const inner = httpFilterWorkerSides.get(type)!.build(plain as never, worker, host);
      return {
        create: () => observe(inner.create(), { chain, index }, observer),
        close: () => inner.close?.(),
      };
    },
  };
  return new Map([...httpFilterWorkerSides, [OBSERVED, side as HttpFilterWorkerSide]]);
}

/** Puts itself between a filter and its callers: one object per stream, so it may be changed. */
function observe(
  filter: HttpFilter,
  place: Pick<FilterRecord, "chain" | "index">,
  observer: FilterObserver,
): HttpFilter {
  const setDecoderFilterCallbacks = filter.setDecoderFilterCallbacks?.bind(filter);
  const decodeHeaders = filter.decodeHeaders?.bind(filter);
  let callbacks: DecoderFilterCallbacks | null = null;
  filter.setDecoderFilterCallbacks = (given): void => {
    callbacks = given;
    observer.streamBegan();
    setDecoderFilterCallbacks?.(given);
  };
  filter.decodeHeaders = (headers, endStream): HeadersStatus => {
    const record = observer.record();
    if (record.routed === null) noteStart(record, headers, callbacks!);
    const before = headers.clone();
    const step = { ...place, before, after: before, stopped: false };
    record.filters.push(step);
    const status = decodeHeaders?.(headers, endStream) ?? HeadersStatus.Continue;
    step.after = headers.clone();
    step.stopped = status !== HeadersStatus.Continue;
    return status;
  };
  return filter;
}

function noteStart(
  record: RehearsalRecord,
  headers: HeaderMap,
  callbacks: DecoderFilterCallbacks,
): void {
  record.routed = headers.clone();
  record.route = callbacks.route();
  record.info = factsOf(callbacks.streamInfo);
  record.clientAddress = callbacks.streamInfo.remoteAddress?.text ?? "";
  record.internal = headers.get("x-envoy-internal") === "true";
}

/** What routes read of a stream, as it is now. */
function factsOf(stream: StreamInfo): StreamInfo {
  const { downstream, remoteAddress, dynamicMetadata, filterState } = stream;
  const info = new StreamInfo();
  info.downstream = downstream;
  info.remoteAddress = remoteAddress;
  info.dynamicMetadata = structuredClone(dynamicMetadata);
  info.filterState = filterState === null ? null : new Map(filterState);
  return info;
}
