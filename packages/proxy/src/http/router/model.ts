import type { ScopeSlots } from "../../observe/stats/definition.ts";

/** `envoy.extensions.filters.http.router.v3.Router`, plain. */
export interface RouterConfig {
  /** Count response codes and their times for the clusters: classes (`upstream_rq_2xx`), too, as in Envoy. Default true. */
  readonly dynamicStats: boolean;
  /** Neither add nor keep x-envoy-* headers on requests and responses. */
  readonly suppressEnvoyHeaders: boolean;
  /** Take the remaining time from x-envoy-expected-rq-timeout-ms. */
  readonly respectExpectedRqTimeout: boolean;
  /** `http.async-client.`: the router's counters of requests that are not a client's. */
  readonly asyncClientScope: ScopeSlots;
}
