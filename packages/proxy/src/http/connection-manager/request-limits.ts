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
