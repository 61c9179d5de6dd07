import type { HeaderMap } from "@nuncio/codec";
import { isGrpcRequest } from "../../observe/format/grpc-status.ts";
import { grpcTimeoutMs, setGrpcTimeout } from "../grpc-timeout.ts";
import type { RouteEntry } from "../route/entry.ts";

/**
 * How long a stream may live on a route with `max_stream_duration`, in ms from its start; -1: as long as it likes. A
 * `grpc-timeout` counts where the route says so, and where the request is gRPC the header then tells the upstream what came
 * of it. `managerMs` is the connection manager's own limit, 0 for none.
 */
export function streamDurationMs(route: RouteEntry, headers: HeaderMap, managerMs: number): number {
  const duration = durationOf(route, headers, managerMs);
  if (duration >= 0 && isGrpcRequest(headers)) setGrpcTimeout(headers, duration);
  return duration;
}

function durationOf(route: RouteEntry, headers: HeaderMap, managerMs: number): number {
  const limits = route.grpcTimeoutHeader;
  const asked = limits === null ? null : grpcTimeoutMs(headers);
  if (limits === null || asked === null) {
    const duration = route.maxStreamDurationMs ?? managerMs;
    return duration === 0 ? -1 : duration;
  }
  const capped = limits.maxMs > 0 ? Math.min(asked, limits.maxMs) : asked;
  return Math.max(0, capped - limits.offsetMs);
}
