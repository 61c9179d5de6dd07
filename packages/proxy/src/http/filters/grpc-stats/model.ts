/** `envoy.extensions.filters.http.grpc_stats.v3.FilterConfig` as plain data. */
export interface GrpcStatsConfig {
  /** Every method has stats of its own. */
  readonly allMethods: boolean;
  /** Otherwise these, by path (`/service/method`), under these names (`service.method`). */
  readonly listed: readonly (readonly [path: string, name: string])[];
  /** Dots in the names of services become underscores, where every method has stats. */
  readonly replaceDots: boolean;
  /** Tell the numbers of messages in the filter state. */
  readonly emitFilterState: boolean;
  /** Record how long the upstream took. */
  readonly upstreamTimes: boolean;
}
