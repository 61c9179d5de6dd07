import type { Places } from "../places.ts";
import { runH2load, type H2Load } from "./h2load.ts";
import { runPeer, type PeerLoad } from "./peer.ts";
import { runUdp, type UdpLoad } from "./udp.ts";
import { runWrk, type WrkLoad } from "./wrk.ts";

/** What a row sends, and with what. */
export type Load = WrkLoad | H2Load | PeerLoad | UdpLoad;

/** What a load program counted. */
export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
}

/** Sends as much as goes through for `seconds`. Throws when anything was wrong. */
export function runLoad(load: Load, places: Places, seconds: number): Promise<LoadResult> {
  switch (load.tool) {
    case "wrk":
      return runWrk(load, places.proxyPort, seconds);
    case "h2load":
      return runH2load(load, places.proxyPort, seconds);
    case "peer":
      return runPeer(load, places.proxyPort, seconds);
    case "udp":
      return runUdp(load, places, seconds);
  }
}
