import type { HeaderKeyFormat, PreserveCaseOptions } from "@nuncio/codec";
import type { HashPolicyConfig } from "../http/hash-policy/model.ts";
import type { MirrorPolicyConfig } from "../http/mirror/model.ts";
import type { RetryPolicyConfig } from "../http/retry/model.ts";
import type { Http2Config } from "../http2/model.ts";
import type { ScopeSlots } from "../observe/stats/definition.ts";
import type { Address, Metadata } from "../observe/stream-info.ts";
import type { NumberConfig } from "../runtime/model.ts";
import type { UpstreamTlsConfig } from "../transport/tls/model.ts";

/**
 * What main posts to the workers about clusters: plain, structured-cloneable data. Numbers are final (defaults
 * applied, units in the names); 0 stands for "no limit" or "off" where the field says so.
 */
export interface ClusterConfig {
  readonly name: string;
  /** `alt_stat_name`, or the name: what %UPSTREAM_CLUSTER% and `cluster.<…>.` stats show. */
  readonly observabilityName: string;
  readonly discoveryType: DiscoveryType;
  readonly scope: ScopeSlots;
  /** TCP connect (later TLS handshake too). Envoy's default is 5 s. */
  readonly connectTimeoutMs: number;
  /** Soft limit of the read and write buffers of one upstream connection. Envoy's default is 1 MiB. */
  readonly perConnectionBufferLimitBytes: number;
  readonly loadBalancer: LoadBalancerConfig;
  /** `override_host_status`: a bit for each `HealthStatus` (`1 << number`) of hosts that requests may ask for. */
  readonly overrideHostStatuses: number;
  readonly circuitBreakers: CircuitBreakersConfig;
  readonly http: UpstreamHttpConfig;
  /** null: no TCP keepalive probes. */
  readonly tcpKeepalive: TcpKeepalive | null;
  /** Upstream connections are bound to this IP (`upstream_bind_config`); null: the kernel chooses. Its port is 0. */
  readonly sourceAddress: Address | null;
  /** Close connections of hosts as soon as they are unhealthy (`close_connections_on_host_health_failure`). */
  readonly closeConnectionsOnHostHealthFailure: boolean;
  readonly metadata: Metadata | null;
  /** What lies over the sockets to the hosts; null: nothing, over none of them. */
  readonly transportSockets: TransportSocketsConfig | null;
}

/** `transport_socket`, and `transport_socket_matches` before it. */
export interface TransportSocketsConfig {
  /** The first that fits a host counts. */
  readonly matches: readonly TransportSocketMatchConfig[];
  /** Null is the plain socket. */
  readonly otherwise: UpstreamTlsConfig | null;
}

export interface TransportSocketMatchConfig {
  readonly name: string;
  /** Each of these has to be in the host's metadata `envoy.transport_socket_match`. */
  readonly criteria: Readonly<Record<string, unknown>>;
  /** Null is the plain socket. */
  readonly socket: UpstreamTlsConfig | null;
  /** `cluster.<name>.<match>.` */
  readonly scope: ScopeSlots;
}

export type DiscoveryType = "STATIC" | "STRICT_DNS" | "LOGICAL_DNS" | "EDS";

export interface TcpKeepalive {
  /** Idle seconds before the first probe; 0: the kernel's default. */
  readonly timeS: number;
}

/**
 * What the hosts of a cluster speak: one version of HTTP, that of the request (`use_downstream_protocol_config`), or the one
 * that ALPN names (`auto_config`).
 */
export type UpstreamProtocol = "http1" | "http2" | "downstream" | "auto";

/** `upstream_config`: what requests become; `generic` decides by the request and its route. */
export type UpstreamPool = "generic" | "http" | "tcp" | "udp";

/** `HttpProtocolOptions` of the cluster, with Envoy's defaults. */
export interface UpstreamHttpConfig {
  readonly pool: UpstreamPool;
  readonly protocol: UpstreamProtocol;
  /** Null where HTTP/1 alone is spoken. */
  readonly http2: Http2Config | null;
  /** Connections without a request are closed after this; 0: never. Envoy's default is 1 h. */
  readonly idleTimeoutMs: number;
  /** A connection drains this long after it was made; 0: never. */
  readonly maxConnectionDurationMs: number;
  /** Up to this share, 0 to 100, is added to each connection's duration at random. */
  readonly maxConnectionDurationJitterPercent: number;
  /** The longest life of one stream; 0: no limit. */
  readonly maxStreamDurationMs: number;
  /** 0: no limit. */
  readonly maxRequestsPerConnection: number;
  /** Headers of a response. */
  readonly maxResponseHeadersCount: number;
  readonly maxResponseHeadersKb: number;
  readonly http1: UpstreamHttp1Config;
  /** `upstream_http_protocol_options`: names for TLS that each request brings; null: none does. */
  readonly serverNames: RequestedNamesConfig | null;
  /** Instead of those of the routes; left out when there are none. */
  readonly mirrorPolicies?: readonly MirrorPolicyConfig[];
  /** Instead of those of the routes; left out when there is none. */
  readonly retryPolicy?: RetryPolicyConfig;
  /** Instead of those of the routes; left out when there are none. */
  readonly hashPolicies?: readonly HashPolicyConfig[];
}

export interface RequestedNamesConfig {
  /** The name of the request's host is the SNI. */
  readonly autoSni: boolean;
  /** The certificate has to have that name. */
  readonly autoSanValidation: boolean;
  /** This header, in lower case, has the name instead of the authority; empty: none does. */
  readonly header: string;
}

/** The parts of `Http1ProtocolOptions` that matter to a client. */
export interface UpstreamHttp1Config {
  readonly enableTrailers: boolean;
  readonly allowChunkedLength: boolean;
  /** How names of request headers are written. */
  readonly headerKeyFormat: HeaderKeyFormat;
  /** Responses keep the spelling of their header names; null forgets it. */
  readonly preserveCase: PreserveCaseOptions | null;
  /** `GET http://host/path` instead of `GET /path`. */
  readonly sendFullyQualifiedUrl: boolean;
}

/** Limits by routing priority. */
export interface CircuitBreakersConfig {
  readonly default: ThresholdsConfig;
  readonly high: ThresholdsConfig;
}

export interface ThresholdsConfig {
  readonly maxConnections: number;
  readonly maxPendingRequests: number;
  readonly maxRequests: number;
  readonly maxRetries: number;
  /** Connection pools alive at once; Infinity is no limit. */
  readonly maxConnectionPools: number;
  /** Retries as a share of active requests instead of `maxRetries`; null: off. */
  readonly retryBudget: {
    readonly budgetPercent: number;
    readonly minRetryConcurrency: number;
  } | null;
  /** Whether the `remaining_*` gauges move. */
  readonly trackRemaining: boolean;
}

export type LoadBalancerConfig = LoadBalancerAlgorithm & {
  /** Below this share of available hosts, 0 to 100, all hosts are used. */
  readonly healthyPanicThresholdPercent: number;
  /** Choose a locality by its weight first. */
  readonly localityWeighted: boolean;
};

export type LoadBalancerAlgorithm =
  | { readonly algorithm: "round_robin"; readonly slowStart: SlowStartConfig | null }
  | {
      readonly algorithm: "least_request";
      /** Hosts sampled per pick; at least 2. */
      readonly choiceCount: number;
      /** Below 0 it is 1. */
      readonly activeRequestBias: NumberConfig;
      readonly fullScan: boolean;
      readonly slowStart: SlowStartConfig | null;
    }
  | { readonly algorithm: "random" }
  | RingHashConfig
  | MaglevConfig;

export interface RingHashConfig extends ConsistentHashingConfig {
  readonly algorithm: "ring_hash";
  readonly hashFunction: "xx_hash" | "murmur_hash_2";
  /** Points on the ring. */
  readonly minimumSize: number;
  readonly maximumSize: number;
}

export interface MaglevConfig extends ConsistentHashingConfig {
  readonly algorithm: "maglev";
  /** A prime. */
  readonly tableSize: number;
}

/** What load balancers that hash have in common. */
export interface ConsistentHashingConfig {
  /** Hosts are hashed by their names instead of their addresses. */
  readonly useHostname: boolean;
  /** `hash_balance_factor`: percent of its fair share of requests that a host may have; 0: no bound. */
  readonly balanceFactorPercent: number;
  /** Instead of those of the routes and of `http`; left out for none. */
  readonly hashPolicies?: readonly HashPolicyConfig[];
  /** `cluster.<name>.ring_hash_lb.` or `cluster.<name>.maglev_lb.`. */
  readonly tableScope: ScopeSlots;
}

export interface SlowStartConfig {
  readonly windowMs: number;
  /** What is not above 0 is 1. */
  readonly aggression: NumberConfig;
  readonly minWeightPercent: number;
}

/** One upstream host, as main knows it. */
export interface HostData {
  /** Its place in the shared host memory. */
  readonly slot: number;
  readonly address: Address;
  /** `endpoint.hostname`, or the name that DNS resolved; may be empty. */
  readonly hostname: string;
  /** At least 1. */
  readonly weight: number;
  readonly metadata: Metadata | null;
  /** Index in the priority's `localities`. */
  readonly locality: number;
  /** When the host came into the cluster, in milliseconds since the epoch: slow start counts from here. */
  readonly addedMs: number;
}

export interface Locality {
  readonly region: string;
  readonly zone: string;
  readonly subZone: string;
}

export interface LocalityData extends Locality {
  /** `load_balancing_weight`; 0 when unset, and then no load under locality weighted balancing. */
  readonly weight: number;
}

/** All hosts of one priority of a cluster. */
export interface HostSetData {
  /** Percent: 140 by default. */
  readonly overprovisioningFactor: number;
  readonly weightedPriorityHealth: boolean;
  /** In Envoy's order: the proxy's own locality first, then by region, zone, sub zone. */
  readonly localities: readonly LocalityData[];
  /** In the order of the configuration (or of the DNS answer). */
  readonly hosts: readonly HostData[];
}

/** The hosts of one priority, where not all are told. */
export interface PriorityHosts {
  readonly priority: number;
  readonly hostSet: HostSetData;
}

/**
 * - `keep`: nothing that concerns them changed;
 * - `drain`: new requests get new connections, old ones end with their requests;
 * - `replace`: the cluster is another one, and so are its hosts.
 */
export type ConnectionsOnUpdate = "keep" | "drain" | "replace";

/** What a worker applies, in order of `sequence`. */
export type ClusterUpdate = { readonly sequence: number } & ClusterChange;

export type ClusterChange =
  | {
      /** A new cluster, or another configuration of one. */
      readonly kind: "cluster";
      readonly config: ClusterConfig;
      /** What becomes of the connections to hosts that the cluster of this name had before, and has still. */
      readonly connections: ConnectionsOnUpdate;
      /** The share of requests to refuse at once, 0 to 1. */
      readonly dropOverloadRatio: number;
      /** Place of its counts in the shared breaker memory. */
      readonly breakerSlot: number;
      /** By priority. */
      readonly hostSets: readonly HostSetData[];
    }
  | {
      /** The hosts of some priorities changed; hosts that stay keep their pools. */
      readonly kind: "hosts";
      readonly cluster: string;
      readonly dropOverloadRatio: number;
      readonly hostSets: readonly PriorityHosts[];
    }
  | {
      /** Health flags in the shared memory changed. */
      readonly kind: "health";
      readonly cluster: string;
      /** Somebody found hosts to have failed: where the cluster says so, their connections are closed. */
      readonly closeFailed: boolean;
    }
  | { readonly kind: "remove"; readonly cluster: string };
