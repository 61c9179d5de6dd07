import { HeaderMap } from "../../header-map.ts";
import { Http1ClientCodec } from "../client-codec.ts";
import { http1Options, type Http1Options } from "../options.ts";
import { Http1ServerCodec } from "../server-codec.ts";
import { RecordingCallbacks, RecordingSink } from "./recorders.ts";

/** A server codec that has read some input. */
export interface ServerRun {
  readonly codec: Http1ServerCodec;
  readonly seen: RecordingCallbacks;
  /** Bytes that the codec did not take. */
  readonly left: number;
}

/**
 * Feeds a server codec with requests, cut at `cuts` (offsets). Each request is answered by nothing, that is, the
 * codec goes on at once to the next one while the connection may be kept alive.
 */
export function readRequests(
  text: string,
  options: Partial<Http1Options> = {},
  cuts: readonly number[] = [],
): ServerRun {
  const seen = new RecordingCallbacks();
  const codec = new Http1ServerCodec(seen, http1Options(options));
  seen.onEnd = () => {
    if (codec.keepAlive) codec.nextRequest();
  };
  return { codec, seen, left: feed(codec, text, cuts) };
}

/** A client codec that has written one request and read some input. */
export interface ClientRun {
  readonly codec: Http1ClientCodec;
  readonly seen: RecordingCallbacks;
  readonly left: number;
  readonly sink: RecordingSink;
}

/** Feeds a client codec with the response to a request of `method`, then closes if `thenClose`. */
export function readResponse(
  method: string,
  text: string,
  thenClose = false,
  options: Partial<Http1Options> = {},
  cuts: readonly number[] = [],
  extraHeaders: readonly string[] = [],
): ClientRun {
  const seen = new RecordingCallbacks();
  const codec = new Http1ClientCodec(seen, http1Options(options));
  const sink = new RecordingSink();
  codec.encodeHeaders(sink, requestMap(method, extraHeaders), true);
  const left = feed(codec, text, cuts);
  if (thenClose) codec.finish();
  return { codec, seen, left, sink };
}

/** A request's header map from its parts. */
export function requestMap(
  method: string,
  entries: readonly string[] = [],
  path = "/x",
): HeaderMap {
  const headers = new HeaderMap();
  headers.method = method;
  headers.scheme = "http";
  headers.authority = "a.test";
  headers.path = path;
  headers.entries.push(...entries);
  return headers;
}

/** A response's header map from its parts. */
export function responseMap(status: number, entries: readonly string[] = []): HeaderMap {
  const headers = new HeaderMap();
  headers.status = status;
  headers.entries.push(...entries);
  return headers;
}

/** Gives pieces to a codec the way a connection does: the buffer is reused, and what was not taken comes again. */
function feed(
  codec: Http1ServerCodec | Http1ClientCodec,
  text: string,
  cuts: readonly number[],
): number {
  const bytes = Buffer.from(text, "latin1");
  const shared = Buffer.alloc(bytes.length + 8);
  let start = 0;
  for (const cut of [...cuts, bytes.length]) {
    // An offset of its own, and old bytes around, so that a wrong offset shows.
    const length = cut - start;
    shared.fill(0xee);
    bytes.copy(shared, 3, start, cut);
    start += codec.execute(shared, 3, 3 + length);
  }
  return bytes.length - start;
}
