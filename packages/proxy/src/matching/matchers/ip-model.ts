import type { CidrConfig } from "../../base/cidr.ts";
import { defineStats, type ScopeSlots } from "../../observe/stats/definition.ts";

/** Stats below `stat_prefix`. */
export const IP_MATCHER_STATS = defineStats({ ip_parsing_failed: "counter" });

/** `envoy.extensions.matching.input_matchers.ip.v3.Ip` as plain data. */
export interface IpMatcherConfig {
  readonly ranges: readonly CidrConfig[];
  readonly scope: ScopeSlots;
}
