import type { Http1Options } from "../options.ts";
import { readRequests, readResponse } from "./drive.ts";
import { plain } from "./recorders.ts";

/** Options under which all of the codec is reached, with a limit that short inputs reach too. */
export const EVENT_OPTIONS: Partial<Http1Options> = {
  enableTrailers: true,
  acceptHttp10: true,
  maxHeadersKb: 1,
};

/** All that comes out of requests cut at `cuts`, as plain data, so that two runs can be compared. */
export function requestEvents(text: string, cuts: readonly number[]): unknown {
  const { codec, seen, left } = readRequests(text, EVENT_OPTIONS, cuts);
  return {
    messages: seen.messages.map(plain),
    errors: seen.errors,
    keepAlive: codec.keepAlive,
    left: seen.errors.length > 0 ? -1 : left,
  };
}

/** The same of a response to a GET, behind which the upstream closes. */
export function responseEvents(text: string, cuts: readonly number[]): unknown {
  const { codec, seen } = readResponse("GET", text, true, EVENT_OPTIONS, cuts);
  return {
    messages: seen.messages.map(plain),
    interim: seen.interim,
    errors: seen.errors,
    reusable: codec.reusable,
  };
}
