import type { HeaderMap } from "@nuncio/codec";
import type { ActiveStream } from "./active-stream.ts";
import type { HttpConnection } from "./http-connection.ts";
import type { DownstreamStream } from "./session.ts";

/**
 * Ends a stream whose request is complete, with a log line of its own, and begins a new one with the request as its headers
 * are now: routed and filtered anew. `response` is what the log shows of the old one (Envoy's `recreateStream`).
 */
export function recreateStream(
  connection: HttpConnection,
  downstream: DownstreamStream,
  old: ActiveStream,
  response: HeaderMap,
  body: Buffer | null,
): void {
  const { streamInfo, requestHeaders } = old;
  streamInfo.responseCodeDetails = "internal_redirect";
  streamInfo.responseCode = response.status;
  old.responseHeaders = response;
  old.manager.countTracing(old);
  const stream = downstream.replaceStream(old);
  stream.recreated = true;
  stream.internalRequest = old.internalRequest;
  const info = stream.streamInfo;
  // It is the same request still: its time runs on.
  info.startMs = streamInfo.startMs;
  info.startTimeMs = streamInfo.startTimeMs;
  info.protocol = streamInfo.protocol;
  info.remoteAddress = streamInfo.remoteAddress;
  info.schemeMatchesUpstream = streamInfo.schemeMatchesUpstream;
  info.internalRedirects = streamInfo.internalRedirects;
  // The body counts once more each time, as in Envoy.
  info.bytesReceived = streamInfo.bytesReceived;
  info.downstreamHeaderBytesReceived = streamInfo.downstreamHeaderBytesReceived;
  info.downstreamTrailerBytesReceived = streamInfo.downstreamTrailerBytesReceived;
  try {
    stream.decodeHeaders(requestHeaders!, body === null);
    if (body !== null && !stream.destroyed) stream.decodeData(body, true);
  } catch (error) {
    connection.onException(stream, error);
  }
}
