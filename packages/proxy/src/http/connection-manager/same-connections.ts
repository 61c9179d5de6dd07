import { isDeepStrictEqual } from "node:util";
import type { HttpConnectionManagerConfig } from "./model.ts";

/**
 * What a connection has for life: its codec, the limits that are counted over it, and where its stats are. All the rest
 * is asked for anew with each request.
 */
const OF_CONNECTIONS = [
  "scope",
  "routerScope",
  "listenerScope",
  "http1Scope",
  "codecType",
  "http1",
  "http2",
  "ignoredUpgrades",
  "requestLimits",
] as const satisfies readonly (keyof HttpConnectionManagerConfig)[];

/** Whether connections of one configuration may go on with the other. */
export function sameConnections(
  before: HttpConnectionManagerConfig,
  after: HttpConnectionManagerConfig,
): boolean {
  return OF_CONNECTIONS.every((field) => isDeepStrictEqual(before[field], after[field]));
}
