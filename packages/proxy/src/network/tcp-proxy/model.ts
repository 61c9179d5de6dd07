import type { HashPolicyConfig } from "../../http/hash-policy/model.ts";
import type { HeaderMutationsConfig } from "../../http/header-mutations/model.ts";
import type { AccessLogConfig } from "../../observe/access-log/model.ts";
import type { TextPlan } from "../../observe/format/plan.ts";
import type { ScopeSlots } from "../../observe/stats/definition.ts";

/** `envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy`, plain. 0 ms means never. */
export interface TcpProxyConfig {
  readonly scope: ScopeSlots;
  /** One cluster has weight 1. Never empty. */
  readonly clusters: readonly WeightedClusterConfig[];
  readonly totalWeight: number;
  /** What a client's connection is hashed by, for load balancers that hash; empty for nothing. */
  readonly hashPolicies: readonly HashPolicyConfig[];
  /** Nothing sent or received on either side. Envoy's default is 1 h. */
  readonly idleTimeoutMs: number;
  readonly maxConnectAttempts: number;
  readonly maxDownstreamConnectionDurationMs: number;
  /** 0 to 100. */
  readonly maxDownstreamConnectionDurationJitterPercent: number;
  /** `access_log_flush_interval`: a line (`TcpPeriodic`) so often. 0: none. */
  readonly logIntervalMs: number;
  /** A line (`TcpUpstreamConnected`) when there is an upstream connection. */
  readonly logOnConnected: boolean;
  /** A line (`TcpConnectionStart`) with the connection. */
  readonly logOnStart: boolean;
  readonly accessLogs: readonly AccessLogConfig[];
  /** Null: each connection goes to a host as it is. */
  readonly tunneling: TunnelingConfig | null;
  /** Clusters that are not there are asked for; null: they are not. */
  readonly onDemand: TcpOnDemandConfig | null;
}

/** `on_demand` */
export interface TcpOnDemandConfig {
  /** The number of the source of clusters. */
  readonly sourceId: number;
  /** How long a connection waits for its cluster. 60 s. */
  readonly timeoutMs: number;
  readonly scope: ScopeSlots;
}

/** `tunneling_config`: what the request says that opens a tunnel. */
export interface TunnelingConfig {
  /** Its authority. */
  readonly hostname: TextPlan;
  /** The path of a POST; empty for CONNECT. */
  readonly postPath: string;
  readonly headersToAdd: HeaderMutationsConfig | null;
  /** The answer's headers and trailers are kept in the filter state. */
  readonly propagatesHeaders: boolean;
  readonly propagatesTrailers: boolean;
  /** Gives the request an id, which is kept in the dynamic metadata, too; null for none. */
  readonly requestId: { readonly header: string; readonly metadataKey: string } | null;
}

export interface WeightedClusterConfig {
  readonly name: string;
  readonly weight: number;
}
