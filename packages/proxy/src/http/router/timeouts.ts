import type { HeaderMap } from "@nuncio/codec";
import { grpcTimeoutMs, setGrpcTimeout } from "../grpc-timeout.ts";
import type { RetryPolicy } from "../retry/retry-policy.ts";
import type { GrpcTimeoutLimits, RouteEntry } from "../route/entry.ts";
import { type ControlHeaders, parseMs } from "./control-headers.ts";
import type { RouterConfig } from "./model.ts";

const EXPECTED = "x-envoy-expected-rq-timeout-ms";

/** `respect_expected_rq_timeout`: the proxy before this one said how much time is left, and that is it. */
export function followsExpected(config: RouterConfig, headers: HeaderMap): boolean {
  return config.respectExpectedRqTimeout && headers.has(EXPECTED);
}

/**
 * The time for the whole exchange, in ms; 0 for none. A trusted sender's headers override the route
 * (FilterUtility::finalTimeout).
 */
export function globalTimeoutMs(
  config: RouterConfig,
  route: RouteEntry,
  headers: HeaderMap,
  control: ControlHeaders | null,
  grpc: boolean,
): number {
  const askedMs = followsExpected(config, headers)
    ? parseMs(headers.get(EXPECTED))
    : (control?.timeoutMs ?? null);
  return askedMs ?? routeTimeoutMs(route, headers, grpc);
}

/**
 * The time for one attempt, in ms, as a trusted sender asks for it, else as the retry policy says; 0 for none, and where it
 * could not matter.
 */
export function perTryTimeoutMs(
  control: ControlHeaders | null,
  policy: RetryPolicy | null,
  globalMs: number,
): number {
  const ms = control?.perTryTimeoutMs ?? policy?.config.perTryTimeoutMs ?? 0;
  return globalMs > 0 && ms >= globalMs ? 0 : ms;
}

/** What is left for an attempt, of `ms` for each and of `globalMs` for all, after `elapsedMs`; 0: there is no limit. */
export function timeLeftMs(ms: number, globalMs: number, elapsedMs: number): number {
  const expected = ms === 0 ? globalMs : ms;
  if (expected === 0 || globalMs === 0) return expected;
  // With nothing left, 0 would say that there is no limit.
  return elapsedMs >= globalMs ? 1 : Math.min(expected, globalMs - elapsedMs);
}

/** Tells the upstream how much time it has (FilterUtility::setTimeoutHeaders). */
export function announceTimeout(
  config: RouterConfig,
  route: RouteEntry,
  headers: HeaderMap,
  expectedMs: number,
  grpc: boolean,
): void {
  if (expectedMs <= 0) return;
  if (!config.suppressEnvoyHeaders) headers.set(EXPECTED, String(expectedMs));
  if (grpc && route.maxGrpcTimeout !== null) setGrpcTimeout(headers, expectedMs);
}

function routeTimeoutMs(route: RouteEntry, headers: HeaderMap, grpc: boolean): number {
  const limits = route.maxGrpcTimeout;
  return grpc && limits !== null ? grpcMs(limits, headers) : route.timeoutMs;
}

/** Here 0 is no limit, on either side, and an offset that would make it 0 is left out. */
function grpcMs({ maxMs, offsetMs }: GrpcTimeoutLimits, headers: HeaderMap): number {
  let ms = grpcTimeoutMs(headers) ?? 0;
  if (offsetMs < ms) ms -= offsetMs;
  return maxMs > 0 && (ms === 0 || ms > maxMs) ? maxMs : ms;
}
