import type { ConnectionLimit } from "@nuncio/api/types/envoy/extensions/filters/network/connection_limit/v3/connection_limit_pb";
import { sharedCountMemory } from "../../base/shared-count.ts";
import { compileDuration } from "../../config/durations.ts";
import type { ScopeSlots } from "../../observe/stats/definition.ts";
import { CONNECTION_LIMIT_STATS } from "../../observe/stats/tables/connection-limit.ts";
import { compileRuntimeFlag } from "../../runtime/compile-values.ts";
import type { FlagConfig } from "../../runtime/model.ts";
import type { NetworkFilterConfigSide } from "../extension.ts";

/** A limit of connections of one filter chain, over all workers. */
export interface ConnectionLimitConfig {
  readonly scope: ScopeSlots;
  readonly maxConnections: number;
  /** A refused connection is kept this long before it is closed, to slow its sender down. */
  readonly delayMs: number;
  readonly enabled: FlagConfig;
  /** Of a `SharedCount`. */
  readonly counts: SharedArrayBuffer;
}

const TYPE = "envoy.extensions.filters.network.connection_limit.v3.ConnectionLimit";

/** Main side of the connection limit filter. */
export const connectionLimitConfigSide: NetworkFilterConfigSide<
  ConnectionLimit,
  ConnectionLimitConfig
> = {
  name: "envoy.filters.network.connection_limit",
  configType: TYPE,
  terminal: false,
  implemented: {
    [TYPE]: ["stat_prefix", "max_connections", "delay", "runtime_enabled"],
    "envoy.config.core.v3.RuntimeFeatureFlag": ["default_value", "runtime_key"],
  },
  compile: (config, ctx, listener) => ({
    scope: ctx.stats.scope(`connection_limit.${config.statPrefix}.`, CONNECTION_LIMIT_STATS),
    maxConnections: Number(config.maxConnections ?? 0n),
    delayMs: compileDuration(config, "delay", config.delay, 0, ctx),
    enabled: compileRuntimeFlag(config.runtimeEnabled),
    counts: sharedCountMemory(listener.workers),
  }),
};
