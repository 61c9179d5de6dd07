import type { HeaderMap } from "@nuncio/codec";
import type { StreamInfo } from "../../../observe/stream-info.ts";
import type { RouteEntry } from "../entry.ts";

/** A route that has several entries, of which each request gets one; `random` is a whole number. */
export interface EntryChoice {
  /** Null when there is none for the request: it goes on to the routes behind. */
  pick(headers: HeaderMap, info: StreamInfo, random: number): RouteEntry | null;
}

/** Of a route that leads nowhere. */
export const NO_ENTRY: EntryChoice = { pick: () => null };
