import type { FormatPlan } from "../../../observe/format/plan.ts";

/** What sets objects of the filter state, as main posts it: in this order. */
export interface SetFilterStateConfig {
  readonly values: readonly FilterStateValueConfig[];
}

/** One object, made of a text. */
export interface FilterStateValueConfig {
  readonly key: string;
  /** Envoy's factory of it. */
  readonly factory: FilterStateFactory;
  readonly format: FormatPlan;
  /** Without text there is no object. */
  readonly skipIfEmpty: boolean;
}

/** The factories of objects that something here looks at. */
export const FILTER_STATE_FACTORIES = [
  "envoy.string",
  "envoy.hashable_string",
  "envoy.bool",
  "envoy.network.ip",
  "envoy.tcp_proxy.cluster",
  "envoy.tcp_proxy.disable_tunneling",
  "envoy.tcp_proxy.per_connection_idle_timeout_ms",
] as const;
export type FilterStateFactory = (typeof FILTER_STATE_FACTORIES)[number];
