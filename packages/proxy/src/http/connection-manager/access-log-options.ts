import type { HttpConnectionManager } from "@nuncio/api/types/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb";
import type { CompileContext } from "../../config/context.ts";
import { durationMs } from "../../config/durations.ts";
import type { HttpConnectionManagerConfig } from "./model.ts";

const OPTIONS =
  "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.HcmAccessLogOptions";

/** Fields of `access_log_options` that do something. */
export const implemented = {
  [OPTIONS]: [
    "access_log_flush_interval",
    "flush_access_log_on_new_request",
    "flush_log_on_tunnel_successfully_established",
  ],
} as const;

type AccessLogOptions = Pick<
  HttpConnectionManagerConfig,
  "logIntervalMs" | "logOnNewRequest" | "logOnTunnel"
>;

/** `access_log_options`, or the deprecated fields of the connection manager itself; both at once are refused. */
export function compileAccessLogOptions(
  hcm: HttpConnectionManager,
  ctx: CompileContext,
): AccessLogOptions {
  const options = hcm.accessLogOptions;
  const deprecated = {
    access_log_flush_interval: hcm.accessLogFlushInterval !== undefined,
    flush_access_log_on_new_request: hcm.flushAccessLogOnNewRequest,
  };
  if (options !== undefined) {
    for (const [field, isSet] of Object.entries(deprecated)) {
      if (!isSet) continue;
      const text = `Only one of ${field} or access_log_options can be specified.`;
      ctx.problems.error(hcm, field, text);
    }
  }
  const interval =
    options === undefined ? hcm.accessLogFlushInterval : options.accessLogFlushInterval;
  return {
    logIntervalMs: interval === undefined ? 0 : durationMs(interval),
    logOnNewRequest: options?.flushAccessLogOnNewRequest ?? hcm.flushAccessLogOnNewRequest,
    logOnTunnel: options?.flushLogOnTunnelSuccessfullyEstablished ?? false,
  };
}
