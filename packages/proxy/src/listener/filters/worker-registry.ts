import type { ListenerFilterWorkerSide } from "./extension.ts";
import { httpInspectorWorkerSide } from "./http-inspector/filter.ts";
import { localRateLimitWorkerSide } from "./local-ratelimit/filter.ts";
import { proxyProtocolWorkerSide } from "./proxy-protocol/filter.ts";
import { setFilterStateWorkerSide } from "./set-filter-state/filter.ts";
import { tlsInspectorWorkerSide } from "./tls-inspector/filter.ts";

/** Every listener filter there is, worker side, by message type. */
export const listenerFilterWorkerSides: ReadonlyMap<string, ListenerFilterWorkerSide> = new Map(
  [
    localRateLimitWorkerSide,
    proxyProtocolWorkerSide,
    tlsInspectorWorkerSide,
    httpInspectorWorkerSide,
    setFilterStateWorkerSide,
  ].map((side) => [side.configType, side as ListenerFilterWorkerSide]),
);
