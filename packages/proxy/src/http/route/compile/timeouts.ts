import type { Duration } from "@bufbuild/protobuf/wkt";
import type {
  RouteAction,
  RouteAction_MaxStreamDuration,
} from "@nuncio/api/types/envoy/config/route/v3/route_components_pb";
import type { CompileContext } from "../../../config/context.ts";
import { compileDuration } from "../../../config/durations.ts";
import type { GrpcTimeoutLimits } from "../entry.ts";
import type { RouteActionConfig } from "../model.ts";

type Timeouts = Pick<
  RouteActionConfig,
  | "timeoutMs"
  | "idleTimeoutMs"
  | "flushTimeoutMs"
  | "maxStreamDurationMs"
  | "limitsStreams"
  | "grpcTimeoutHeader"
  | "maxGrpcTimeout"
>;

/**
 * The limits of time of a route. With `max_stream_duration`, even an empty one, Envoy has neither `timeout` nor
 * `max_grpc_timeout`, whatever they say.
 */
export function compileTimeouts(message: RouteAction, ctx: CompileContext): Timeouts {
  const ms = (field: string, value: Duration | undefined): number =>
    compileDuration(message, field, value, 0, ctx);
  const { timeout, idleTimeout, flushTimeout, maxGrpcTimeout, maxStreamDuration } = message;
  const timeoutMs = ms("timeout", timeout);
  const maxMs = ms("max_grpc_timeout", maxGrpcTimeout);
  const offsetMs = ms("grpc_timeout_offset", message.grpcTimeoutOffset);
  return {
    ...(timeout !== undefined && { timeoutMs }),
    ...(idleTimeout !== undefined && { idleTimeoutMs: ms("idle_timeout", idleTimeout) }),
    ...(flushTimeout !== undefined && { flushTimeoutMs: ms("flush_timeout", flushTimeout) }),
    ...(maxStreamDuration === undefined
      ? maxGrpcTimeout !== undefined && { maxGrpcTimeout: { maxMs, offsetMs } }
      : compileStreamLimits(maxStreamDuration, ctx)),
  };
}

function compileStreamLimits(
  message: RouteAction_MaxStreamDuration,
  ctx: CompileContext,
): Timeouts {
  const ms = (field: string, value: Duration | undefined): number =>
    compileDuration(message, field, value, 0, ctx);
  const durationMs = ms("max_stream_duration", message.maxStreamDuration);
  const limits: GrpcTimeoutLimits = {
    maxMs: ms("grpc_timeout_header_max", message.grpcTimeoutHeaderMax),
    offsetMs: ms("grpc_timeout_header_offset", message.grpcTimeoutHeaderOffset),
  };
  return {
    timeoutMs: 0,
    limitsStreams: true,
    ...(message.maxStreamDuration !== undefined && { maxStreamDurationMs: durationMs }),
    ...(message.grpcTimeoutHeaderMax !== undefined && { grpcTimeoutHeader: limits }),
  };
}
