import type { TcpProxy } from "@nuncio/api/types/envoy/extensions/filters/network/tcp_proxy/v3/tcp_proxy_pb";
import type { CompileContext } from "../../config/context.ts";
import { durationMs } from "../../config/durations.ts";
import type { TcpProxyConfig } from "./model.ts";

type AccessLogOptions = Pick<TcpProxyConfig, "logIntervalMs" | "logOnConnected" | "logOnStart">;

/** `access_log_options`, or the deprecated fields of the proxy itself; both at once are refused. */
export function compileAccessLogOptions(config: TcpProxy, ctx: CompileContext): AccessLogOptions {
  const options = config.accessLogOptions;
  const deprecated = {
    access_log_flush_interval: config.accessLogFlushInterval !== undefined,
    flush_access_log_on_connected: config.flushAccessLogOnConnected,
  };
  if (options !== undefined) {
    for (const [field, isSet] of Object.entries(deprecated)) {
      if (!isSet) continue;
      const text = `Only one of ${field} or access_log_options can be specified.`;
      ctx.problems.error(config, field, text);
    }
  }
  const interval =
    options === undefined ? config.accessLogFlushInterval : options.accessLogFlushInterval;
  return {
    logIntervalMs: interval === undefined ? 0 : durationMs(interval),
    logOnConnected: options?.flushAccessLogOnConnected ?? config.flushAccessLogOnConnected,
    logOnStart: options?.flushAccessLogOnStart ?? false,
  };
}
