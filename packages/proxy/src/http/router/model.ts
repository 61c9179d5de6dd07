import type { AccessLogConfig } from "../../observe/access-log/model.ts";
import type { ScopeSlots } from "../../observe/stats/definition.ts";

/** `envoy.extensions.filters.http.router.v3.Router`, plain. */
export interface RouterConfig {
  /** Count response codes and their times for the clusters: classes (`upstream_rq_2xx`), too, as in Envoy. Default true. */
  readonly dynamicStats: boolean;
  /** Neither add nor keep x-envoy-* headers on requests and responses. */
  readonly suppressEnvoyHeaders: boolean;
  /** Take the remaining time from x-envoy-expected-rq-timeout-ms. */
  readonly respectExpectedRqTimeout: boolean;
  /** Headers of requests whose values must make sense, or the request is refused; null for none. */
  readonly strictCheckHeaders: readonly string[] | null;
  /** Codes of gRPC requests stay out of the clusters' totals. */
  readonly suppressGrpcRequestFailureCodeStats: boolean;
  /** `upstream_log`: about each attempt to reach an upstream. */
  readonly upstreamLogs: readonly AccessLogConfig[];
  /** A line once an attempt has a connection, too (`flush_upstream_log_on_upstream_stream`). */
  readonly logsUpstreamConnections: boolean;
  /** A line each so many milliseconds of an attempt; 0: none. */
  readonly upstreamLogIntervalMs: number;
  /** `http.async-client.`: the router's counters of requests that are not a client's. */
  readonly asyncClientScope: ScopeSlots;
}
