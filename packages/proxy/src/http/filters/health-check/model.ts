import type { ScopeSlots } from "../../../observe/stats/definition.ts";
import type { HeaderMatcherConfig } from "../../route/matchers/header-matcher.ts";

/** `envoy.extensions.filters.http.health_check.v3.HealthCheck` as plain data. */
export interface HealthCheckConfig {
  readonly scope: ScopeSlots;
  /** Health checks go to the upstream, unless there is an answer to the last one that is still good. */
  readonly passThrough: boolean;
  /** Requests that match all of these are health checks. */
  readonly headers: readonly HeaderMatcherConfig[];
  /** `node.cluster`, which the answers tell. */
  readonly serviceCluster: string;
  /** Null: no answer is kept. */
  readonly cache: HealthCacheConfig | null;
  /** Clusters by name, in its order, and how many percent of their hosts have to be healthy: whole ones, as in Envoy. */
  readonly minHealthyPercents: readonly (readonly [cluster: string, percent: number])[];
}

/** The last answer of an upstream to a health check; main makes it. */
export interface HealthCacheConfig {
  /** Answers are forgotten each time that so much has passed. */
  readonly timeMs: number;
  /** Int32: one answer for all threads. */
  readonly cell: SharedArrayBuffer;
}
