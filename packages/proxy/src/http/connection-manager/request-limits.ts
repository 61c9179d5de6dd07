import type { Runtime } from "../../runtime/snapshot.ts";

/** What the requests of one client's connection may cost the others (Envoy's runtime keys of these names). */
export interface RequestLimits {
  /** `http.max_requests_per_io_cycle`: so many are begun before other connections get their turn. */
  readonly maxRequestsPerIoCycle: number;
  /**
   * `overload.premature_reset_total_stream_count`: a connection ends when, of so many streams or more, half were given up
   * before there was a response; earlier when that is certain.
   */
  readonly prematureResetTotalStreamCount: number;
  /** `overload.premature_reset_min_stream_lifetime_seconds`: a stream that lived for more whole seconds was not given up early. */
  readonly prematureResetMinStreamLifetimeSeconds: number;
}

/** Envoy's defaults but for the first: there it is without limit. */
export const DEFAULT_REQUEST_LIMITS: RequestLimits = {
  maxRequestsPerIoCycle: 100,
  prematureResetTotalStreamCount: 500,
  prematureResetMinStreamLifetimeSeconds: 1,
};

/** The limits of a connection that begins now: those of the runtime before those that are given. */
export function requestLimitsNow(limits: RequestLimits, runtime: Runtime): RequestLimits {
  if (runtime.values.size === 0) return limits;
  return {
    // With less than one nothing would ever begin.
    maxRequestsPerIoCycle: Math.max(
      1,
      runtime.integer("http.max_requests_per_io_cycle", limits.maxRequestsPerIoCycle),
    ),
    prematureResetTotalStreamCount: runtime.integer(
      "overload.premature_reset_total_stream_count",
      limits.prematureResetTotalStreamCount,
    ),
    prematureResetMinStreamLifetimeSeconds: runtime.integer(
      "overload.premature_reset_min_stream_lifetime_seconds",
      limits.prematureResetMinStreamLifetimeSeconds,
    ),
  };
}
