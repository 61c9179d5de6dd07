import { ipAddress } from "../../transport/address.ts";
import type {
  ClusterConfig,
  HostData,
  HostSetData,
  LoadBalancerConfig,
  ThresholdsConfig,
} from "../model.ts";

const THRESHOLDS: ThresholdsConfig = {
  maxConnections: 1024,
  maxPendingRequests: 1024,
  maxRequests: 1024,
  maxRetries: 3,
  maxConnectionPools: Infinity,
  retryBudget: null,
  trackRemaining: false,
};

/** A cluster as workers get it, with Envoy's defaults. */
export function clusterConfig(
  parts: {
    readonly name?: string;
    readonly loadBalancer?: Partial<LoadBalancerConfig>;
    readonly thresholds?: Partial<ThresholdsConfig>;
    readonly closeConnectionsOnHostHealthFailure?: boolean;
    readonly http?: Partial<ClusterConfig["http"]>;
    readonly connectTimeoutMs?: number;
  } = {},
): ClusterConfig {
  const name = parts.name ?? "c";
  return {
    name,
    observabilityName: name,
    discoveryType: "STATIC",
    scope: { base: 0, histogramBase: 0, prefix: `cluster.${name}.` },
    connectTimeoutMs: parts.connectTimeoutMs ?? 5000,
    perConnectionBufferLimitBytes: 1 << 20,
    loadBalancer: {
      algorithm: "round_robin",
      slowStart: null,
      healthyPanicThresholdPercent: 50,
      localityWeighted: false,
      ...parts.loadBalancer,
    } as LoadBalancerConfig,
    overrideHostStatuses: 0b100011,
    circuitBreakers: { default: { ...THRESHOLDS, ...parts.thresholds }, high: THRESHOLDS },
    http: {
      pool: "generic",
      protocol: "http1",
      http2: null,
      serverNames: null,
      idleTimeoutMs: 3_600_000,
      maxConnectionDurationMs: 0,
      maxConnectionDurationJitterPercent: 0,
      maxStreamDurationMs: 0,
      maxRequestsPerConnection: 0,
      maxResponseHeadersCount: 100,
      maxResponseHeadersKb: 80,
      http1: {
        enableTrailers: false,
        allowChunkedLength: false,
        headerKeyFormat: "lower_case",
        preserveCase: null,
        sendFullyQualifiedUrl: false,
      },
      ...parts.http,
    },
    tcpKeepalive: null,
    sourceAddress: null,
    closeConnectionsOnHostHealthFailure: parts.closeConnectionsOnHostHealthFailure ?? false,
    metadata: null,
    transportSockets: null,
  };
}

/** The host at `10.0.0.<slot>:80`. */
export function hostData(slot: number, parts: Partial<HostData> = {}): HostData {
  const address = ipAddress(`10.0.0.${slot}`, 80);
  return {
    slot,
    address,
    hostname: "",
    weight: 1,
    metadata: null,
    locality: 0,
    addedMs: 0,
    ...parts,
  };
}

/** A priority with hosts in one locality, or in those whose weights are given. */
export function hostSetData(
  hosts: readonly HostData[],
  localityWeights: readonly number[] = [0],
): HostSetData {
  return {
    overprovisioningFactor: 140,
    weightedPriorityHealth: false,
    localities: localityWeights.map((weight, i) => ({
      region: `r${i}`,
      zone: "",
      subZone: "",
      weight,
    })),
    hosts,
  };
}
