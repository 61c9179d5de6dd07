import { ResponseFlag } from "../../observe/stream-info.ts";
import type { ResetReason } from "../../upstream/pool/pool-request.ts";
import { resetReply } from "./reset-reply.ts";
import type { RoutedRequest } from "./routed-request.ts";

// What the router answers where the upstream does not. Behind a head that went to the client, a reply is a reset.

/** No host of the cluster may take the request: 503, or what a session says, `UH`. */
export function replyNoHealthyUpstream(request: RoutedRequest): void {
  const { callbacks, noHostStatus: status } = request;
  callbacks.streamInfo.responseFlags |= ResponseFlag.NoHealthyUpstream;
  request.countCode(status, false);
  const decorate = request.decorateReply(false);
  callbacks.sendLocalReply(status, "no healthy upstream", "no_healthy_upstream", decorate);
}

/** What a timeout is answered with. */
export function timeoutStatus(request: RoutedRequest): number {
  return request.control?.timeoutAltResponse === true ? 204 : 504;
}

/** `details`: which of the limits it was. */
export function replyTimeout(request: RoutedRequest, details: string): void {
  const { callbacks } = request;
  const { streamInfo } = callbacks;
  streamInfo.responseFlags |= ResponseFlag.UpstreamRequestTimeout;
  const status = timeoutStatus(request);
  callbacks.sendLocalReply(
    status,
    status === 204 ? "" : "upstream request timeout",
    details,
    request.decorateReply(false),
  );
}

/** The cluster's limit for one exchange, or that of a trusted sender; not the connection manager's. */
export function replyStreamDuration(request: RoutedRequest, requestComplete: boolean): void {
  const { callbacks } = request;
  callbacks.streamInfo.responseFlags |= ResponseFlag.UpstreamMaxStreamDurationReached;
  callbacks.sendLocalReply(
    requestComplete ? 504 : 408,
    "upstream max stream duration reached",
    "upstream_max_stream_duration_reached",
    request.decorateReply(false),
  );
}

/** A request that waits to be retried became too much to be kept. */
export function replyBufferOverflow(request: RoutedRequest): void {
  request.callbacks.sendLocalReply(
    507,
    "exceeded request buffer limit while retrying upstream",
    "request_payload_exceeded_retry_buffer_limit",
    request.decorateReply(false),
  );
}

/** The last attempt failed; `responseStarted` by its response. */
export function replyReset(
  request: RoutedRequest,
  reason: ResetReason,
  details: string,
  responseStarted: boolean,
): void {
  const { callbacks } = request;
  const reply = resetReply(reason, details, request.retrying);
  callbacks.streamInfo.responseFlags |= reply.flag;
  callbacks.sendLocalReply(
    reply.status,
    reply.body,
    `upstream_reset_${responseStarted ? "after" : "before"}_response_started{${reply.details}}`,
    request.decorateReply(reason === "overflow"),
  );
}
