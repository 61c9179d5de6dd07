import type { HttpConnectionManager } from "@nuncio/api/types/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb";
import type { CompileContext } from "../../config/context.ts";
import { compileDuration } from "../../config/durations.ts";
import type { HttpConnectionManagerConfig } from "./model.ts";

type Timeouts = Pick<
  HttpConnectionManagerConfig,
  | "idleTimeoutMs"
  | "streamIdleTimeoutMs"
  | "streamFlushTimeoutMs"
  | "requestTimeoutMs"
  | "requestHeadersTimeoutMs"
  | "drainTimeoutMs"
  | "drainTimeoutJitterPercent"
  | "delayedCloseTimeoutMs"
  | "maxConnectionDurationMs"
  | "maxConnectionDurationJitterPercent"
  | "safeMaxConnectionDuration"
  | "maxStreamDurationMs"
>;

const HOUR_MS = 3_600_000;

/** The connection manager's timeouts with Envoy's defaults (faq/configuration/timeouts). */
export function compileTimeouts(hcm: HttpConnectionManager, ctx: CompileContext): Timeouts {
  const common = hcm.commonHttpProtocolOptions;
  const own = (
    field: string,
    value: Parameters<typeof compileDuration>[2],
    fallback: number,
  ): number => compileDuration(hcm, field, value, fallback, ctx);
  const shared = (
    field: string,
    value: Parameters<typeof compileDuration>[2],
    fallback: number,
  ): number =>
    common === undefined ? fallback : compileDuration(common, field, value, fallback, ctx);
  const streamIdleTimeoutMs = own("stream_idle_timeout", hcm.streamIdleTimeout, 300_000);
  return {
    idleTimeoutMs: shared("idle_timeout", common?.idleTimeout, HOUR_MS),
    streamIdleTimeoutMs,
    streamFlushTimeoutMs: own("stream_flush_timeout", hcm.streamFlushTimeout, streamIdleTimeoutMs),
    requestTimeoutMs: own("request_timeout", hcm.requestTimeout, 0),
    requestHeadersTimeoutMs: own("request_headers_timeout", hcm.requestHeadersTimeout, 0),
    drainTimeoutMs: own("drain_timeout", hcm.drainTimeout, 5000),
    drainTimeoutJitterPercent: hcm.drainTimeoutJitter?.value ?? 0,
    delayedCloseTimeoutMs: own("delayed_close_timeout", hcm.delayedCloseTimeout, 1000),
    maxConnectionDurationMs: shared("max_connection_duration", common?.maxConnectionDuration, 0),
    maxConnectionDurationJitterPercent: common?.maxConnectionDurationJitter?.value ?? 0,
    safeMaxConnectionDuration: hcm.http1SafeMaxConnectionDuration,
    maxStreamDurationMs: shared("max_stream_duration", common?.maxStreamDuration, 0),
  };
}
