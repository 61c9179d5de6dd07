import type { ConfigSource } from "@nuncio/api/types/envoy/config/core/v3/config_source_pb";
import type { ScopeSlots, StatsLease } from "../observe/stats/definition.ts";
import type { Address, Metadata } from "../observe/stream-info.ts";
import type { ClusterConfig, Locality } from "./model.ts";

/** A compiled cluster: what goes to the workers, and what main alone needs to find its hosts. */
export interface ClusterDefinition {
  readonly config: ClusterConfig;
  /** Has all scopes of the cluster; whoever has the definition gives them back. */
  readonly stats: StatsLease;
  readonly discovery: DiscoveryConfig;
  readonly loadAssignment: LoadAssignment;
  /** Start-up waits for this cluster's first hosts. */
  readonly waitForWarmOnInit: boolean;
}

export type DiscoveryConfig =
  | { readonly type: "STATIC" }
  | { readonly type: "STRICT_DNS" | "LOGICAL_DNS"; readonly dns: DnsConfig }
  | { readonly type: "EDS"; readonly eds: EdsConfig };

/** Where the ClusterLoadAssignment of a cluster comes from. */
export interface EdsConfig {
  /** Null for an `xdstp://` name: its authority tells. */
  readonly source: ConfigSource | null;
  /** The resource's name: `service_name`, or the cluster's. */
  readonly serviceName: string;
  /** `service_name`; empty when it is left out. */
  readonly givenServiceName: string;
  /** `cluster.<name>.`: that of the cluster, and the one for what only subscriptions have. */
  readonly clusterScope: ScopeSlots;
  readonly scope: ScopeSlots;
}

export interface DnsConfig {
  /** Between one answer and the next question. */
  readonly refreshRateMs: number;
  /** Take the answer's time to live instead, where it is above 0. */
  readonly respectTtl: boolean;
  /** The least that a time to live is taken for. */
  readonly minRefreshRateMs: number;
  /** Up to this much is added to each wait, at random. */
  readonly jitterMs: number;
  /** Exponential, jittered waits after a failure; null: `refreshRateMs`. */
  readonly failureBackoff: { readonly baseMs: number; readonly maxMs: number } | null;
  readonly lookupFamily: DnsLookupFamily;
  readonly resolver: DnsResolverConfig;
}

export type DnsLookupFamily = "AUTO" | "V4_ONLY" | "V6_ONLY" | "V4_PREFERRED" | "ALL";

export type DnsResolverConfig =
  | {
      readonly kind: "cares";
      /** `10.0.0.2:53`; empty: those of the system. */
      readonly servers: readonly string[];
      readonly queryTimeoutMs: number;
      readonly queryTries: number;
      readonly searchDomains: boolean;
    }
  | { readonly kind: "getaddrinfo" };

/** What a `ClusterLoadAssignment` says beside its endpoints. */
export interface AssignmentPolicy {
  /** Percent. */
  readonly overprovisioningFactor: number;
  readonly weightedPriorityHealth: boolean;
  /** The share of requests to refuse at once, 0 to 1. */
  readonly dropOverloadRatio: number;
  /** `drop_overloads[].category`, for load reports. */
  readonly dropCategory?: string;
}

/** `ClusterLoadAssignment`: the endpoints as configured, not resolved yet. */
export interface LoadAssignment extends AssignmentPolicy {
  /** The endpoints are not to be used any more after this, unless they are told again; 0: for ever. */
  readonly staleAfterMs: number;
  /** At least one, perhaps without endpoints. */
  readonly localities: readonly LocalityEndpoints[];
}

export interface LocalityEndpoints {
  readonly locality: Locality;
  /** 0 when unset. */
  readonly weight: number;
  readonly priority: number;
  readonly endpoints: readonly EndpointConfig[];
  /** Its endpoints come one by one. Left out: they stand above. */
  readonly leds?: LedsConfig;
}

/** `leds_cluster_locality_config`. */
export interface LedsConfig {
  /** The name of the glob collection. */
  readonly collection: string;
  readonly source: ConfigSource;
  /** Equal for the same collection from the same source. */
  readonly key: string;
}

export interface EndpointConfig {
  /** An address of a STATIC cluster, or a name to resolve with its port. */
  readonly target: { readonly address: Address } | { readonly host: string; readonly port: number };
  /** `endpoint.hostname`; empty when unset. */
  readonly hostname: string;
  readonly weight: number;
  /** `HealthFlag` bits that `health_status` stands for. */
  readonly healthFlags: number;
  readonly metadata: Metadata | null;
}
