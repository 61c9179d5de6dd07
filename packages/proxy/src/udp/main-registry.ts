import type { UdpFilterConfigSide } from "./extension.ts";
import { udpProxyConfigSide } from "./udp-proxy/config.ts";

/** Every filter of UDP listeners there is, main side, by message type. */
export const udpFilterMainSides: ReadonlyMap<string, UdpFilterConfigSide> = new Map(
  [udpProxyConfigSide].map((side) => [side.configType, side as UdpFilterConfigSide]),
);
