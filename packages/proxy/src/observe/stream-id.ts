import { randomUUID } from "node:crypto";
import type { FormatContext } from "./stream-info.ts";

/**
 * What a stream is called by (Envoy's `StreamIdProvider`): a request by what the request id extension gave it, a connection that
 * is proxied by a name of its own, made when it is first asked for. Empty for what has none.
 */
export function streamIdOf({ streamInfo, requestHeaders }: FormatContext): string {
  switch (streamInfo.identity) {
    case "request":
      return requestHeaders?.get("x-request-id") ?? "";
    case "own":
      return (streamInfo.ownId ||= randomUUID());
    case "none":
      return "";
  }
}
