import type {
  HealthCheck,
  HealthCheck_HttpHealthCheck as HttpHealthCheck,
  HealthCheck_Payload as Payload,
} from "@nuncio/api/types/envoy/config/core/v3/health_check_pb";
import type { CompileContext } from "../../config/context.ts";
import { compileDuration } from "../../config/durations.ts";
import type { HealthCheckConfig, HttpCheckConfig, StatusRange } from "./model.ts";

/** Fields of `HealthCheck` for hosts that have no traffic; those without effect then are among them, as in Envoy. */
export const implemented = {
  "envoy.config.core.v3.HealthCheck": [
    "timeout",
    "interval",
    "initial_jitter",
    "interval_jitter",
    "interval_jitter_percent",
    "unhealthy_threshold",
    "healthy_threshold",
    "http_health_check",
    "tcp_health_check",
    "no_traffic_interval",
    "no_traffic_healthy_interval",
    "unhealthy_interval",
    "unhealthy_edge_interval",
    "healthy_edge_interval",
    "reuse_connection",
  ],
  "envoy.config.core.v3.HealthCheck.HttpHealthCheck": [
    "host",
    "path",
    "expected_statuses",
    "retriable_statuses",
    "codec_client_type",
    "method",
  ],
  "envoy.config.core.v3.HealthCheck.TcpHealthCheck": ["send", "receive"],
  "envoy.config.core.v3.HealthCheck.Payload": "all",
  "envoy.type.v3.Int64Range": "all",
} as const;

const NO_TRAFFIC_INTERVAL_MS = 60_000;
// envoy.type.v3.CodecClientType
const HTTP2 = 1;
const HTTP3 = 2;
/** envoy.config.core.v3.RequestMethod, by number. */
const METHODS = [
  "GET",
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "DELETE",
  "CONNECT",
  "OPTIONS",
  "TRACE",
  "PATCH",
];

/** Null, with a problem, for one that is neither of HTTP nor of TCP. */
export function compileHealthCheck(
  message: HealthCheck,
  ctx: CompileContext,
): HealthCheckConfig | null {
  const check = compileCheck(message, ctx);
  if (check === null) return null;
  if (message.reuseConnection === true) {
    const text = "not implemented yet: true; each check has a connection of its own";
    ctx.problems.error(message, "reuse_connection", text);
  }
  const duration = (field: string, value: HealthCheck["timeout"], fallback: number): number =>
    compileDuration(message, field, value, fallback, ctx);
  const intervalMs = duration(
    "no_traffic_interval",
    message.noTrafficInterval,
    NO_TRAFFIC_INTERVAL_MS,
  );
  return {
    check,
    intervalMs,
    healthyIntervalMs: duration(
      "no_traffic_healthy_interval",
      message.noTrafficHealthyInterval,
      intervalMs,
    ),
    timeoutMs: duration("timeout", message.timeout, 0),
    initialJitterMs: duration("initial_jitter", message.initialJitter, 0),
    intervalJitterMs: duration("interval_jitter", message.intervalJitter, 0),
    intervalJitterPercent: message.intervalJitterPercent,
    healthyThreshold: message.healthyThreshold ?? 1,
    unhealthyThreshold: message.unhealthyThreshold ?? 1,
  };
}

function compileCheck(
  message: HealthCheck,
  ctx: CompileContext,
): HealthCheckConfig["check"] | null {
  const { healthChecker: checker } = message;
  if (checker.case === "httpHealthCheck") return compileHttp(checker.value, ctx);
  if (checker.case === "tcpHealthCheck") {
    const { send, receive } = checker.value;
    return {
      kind: "tcp",
      send: send === undefined ? null : bytesOf(send),
      receive: receive.map(bytesOf),
    };
  }
  ctx.problems.error(message, undefined, "expected an http_health_check or a tcp_health_check");
  return null;
}

function compileHttp(message: HttpHealthCheck, ctx: CompileContext): HttpCheckConfig {
  const codec = message.codecClientType as number;
  if (codec === HTTP3)
    ctx.problems.error(message, "codec_client_type", "not implemented yet: HTTP3");
  const expected = message.expectedStatuses.map(rangeOf);
  return {
    kind: "http",
    host: message.host,
    path: message.path,
    method: METHODS[message.method as number] ?? "GET",
    http2: codec === HTTP2,
    expected: expected.length === 0 ? [{ start: 200, end: 201 }] : expected,
    retriable: message.retriableStatuses.map(rangeOf),
  };
}

function rangeOf({ start, end }: { start: bigint; end: bigint }): StatusRange {
  return { start: Number(start), end: Number(end) };
}

/** `text` is hexadecimal. */
function bytesOf({ payload }: Payload): Uint8Array {
  return payload.case === "text"
    ? Buffer.from(payload.value, "hex")
    : (payload.value ?? Buffer.alloc(0));
}
