import type { ListenerFilterConfigSide } from "./extension.ts";
import { httpInspectorConfigSide } from "./http-inspector/config.ts";
import { localRateLimitConfigSide } from "./local-ratelimit/config.ts";
import { proxyProtocolConfigSide } from "./proxy-protocol/config.ts";
import { setFilterStateConfigSide } from "./set-filter-state/config.ts";
import { tlsInspectorConfigSide } from "./tls-inspector/config.ts";

/** Every listener filter there is, main side, by message type. */
export const listenerFilterMainSides: ReadonlyMap<string, ListenerFilterConfigSide> = new Map(
  [
    localRateLimitConfigSide,
    proxyProtocolConfigSide,
    tlsInspectorConfigSide,
    httpInspectorConfigSide,
    setFilterStateConfigSide,
  ].map((side) => [side.configType, side as ListenerFilterConfigSide]),
);
