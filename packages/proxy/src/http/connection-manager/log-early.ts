import type { HttpFilter } from "../filter.ts";
import type { ActiveStream } from "./active-stream.ts";

/** Envoy's types of the lines that are written before a stream's end (`access_log_options`). */
export type EarlyLogType =
  | "DownstreamStart"
  | "DownstreamPeriodic"
  | "DownstreamTunnelSuccessfullyEstablished";

/** Writes a line about a stream under way; what its filters only add at its end is taken back afterwards. */
export function logEarly(
  stream: ActiveStream,
  filters: readonly HttpFilter[],
  type: EarlyLogType,
): void {
  const info = stream.streamInfo;
  const sent = info.upstreamWireBytesSent;
  const headersSent = info.upstreamHeaderBytesSent;
  const received = info.upstreamWireBytesReceived;
  const headersReceived = info.upstreamHeaderBytesReceived;
  const trailersReceived = info.upstreamTrailerBytesReceived;
  const finalType = info.accessLogType;
  for (const filter of filters) filter.onEarlyLog?.();
  info.accessLogType = type;
  stream.manager.log(stream);
  info.accessLogType = finalType;
  info.upstreamWireBytesSent = sent;
  info.upstreamHeaderBytesSent = headersSent;
  info.upstreamWireBytesReceived = received;
  info.upstreamHeaderBytesReceived = headersReceived;
  info.upstreamTrailerBytesReceived = trailersReceived;
}
