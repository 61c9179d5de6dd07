import { ROUTER_STATS } from "../../observe/stats/tables/router.ts";
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

/** `details`: which of the limits it was. */
export function replyTimeout(
  request: RoutedRequest,
  responseStarted: boolean,
  details: string,
): void {
  const { callbacks } = request;
  const { streamInfo } = callbacks;
  streamInfo.responseFlags |= ResponseFlag.UpstreamRequestTimeout;
  const status = request.control?.timeoutAltResponse === true ? 204 : 504;
  if (!responseStarted) request.countCode(status, false);
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

/** The attempt failed; `responseStarted` by its response. `grpcPending`: that is gRPC and has no status yet. */
export function replyReset(
  request: RoutedRequest,
  reason: ResetReason,
  details: string,
  responseStarted: boolean,
  grpcPending: boolean,
): void {
  const { callbacks } = request;
  const { streamInfo } = callbacks;
  const reply = resetReply(reason, details);
  streamInfo.responseFlags |= reply.flag;
  // What is said of a stream says nothing of the connection below it.
  if (reply.flag === ResponseFlag.UpstreamConnectionFailure)
    streamInfo.upstream.transportFailureReason = details;
  if (!responseStarted) request.countCode(reply.status, false);
  // Only gRPC, as in Envoy: whether other responses had succeeded was decided by their status.
  else if (grpcPending)
    request.router.count(ROUTER_STATS.at.rq_reset_after_downstream_response_started);
  callbacks.sendLocalReply(
    reply.status,
    reply.body,
    `upstream_reset_${responseStarted ? "after" : "before"}_response_started{${reply.details}}`,
    request.decorateReply(reason === "overflow"),
  );
}
