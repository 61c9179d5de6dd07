import type { UdpFilterWorkerSide } from "./extension.ts";
import { udpProxyWorkerSide } from "./udp-proxy/filter.ts";

/** Every filter of UDP listeners there is, worker side, by message type. */
export const udpFilterWorkerSides: ReadonlyMap<string, UdpFilterWorkerSide> = new Map(
  [udpProxyWorkerSide].map((side) => [side.configType, side as UdpFilterWorkerSide]),
);
