import type { MatcherConfig } from "../../matching/model.ts";
import type { AccessLogConfig } from "../../observe/access-log/model.ts";
import type { ScopeSlots } from "../../observe/stats/definition.ts";
import type { UdpSocketOptions } from "../model.ts";

/** `envoy.extensions.filters.udp.udp_proxy.v3.UdpProxyConfig`, plain. */
export interface UdpProxyConfig {
  readonly scope: ScopeSlots;
  /** To the name of a cluster. */
  readonly route: MatcherConfig<string>;
  /** All that the route may lead to. */
  readonly clusterNames: readonly string[];
  /** Nothing sent or received on either side. Envoy's default is 60 s. 0: at once. */
  readonly idleTimeoutMs: number;
  /** What a client is hashed by, for load balancers that hash; null for nothing. */
  readonly hashPolicy: UdpHashPolicyConfig | null;
  readonly upstreamSocket: UdpSocketOptions;
  /** Each datagram is sent to a host of its own choice. */
  readonly usePerPacketLoadBalancing: boolean;
  /** `access_log_flush_interval`: a line (`UdpPeriodic`) of each session so often. 0: none. */
  readonly logIntervalMs: number;
  /** A line for each session. */
  readonly accessLogs: readonly AccessLogConfig[];
  /** A line when the proxy ends. */
  readonly proxyAccessLogs: readonly AccessLogConfig[];
}

/** `UdpProxyConfig.HashPolicy`; the key is a byte string. */
export type UdpHashPolicyConfig =
  | { readonly kind: "source_ip" }
  | { readonly kind: "key"; readonly key: string };
