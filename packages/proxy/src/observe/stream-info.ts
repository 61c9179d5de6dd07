import type { HeaderMap } from "@nuncio/codec";
import type { TlsInfo } from "./tls-info.ts";

/** Envoy's response flags as bits (substitution formatter, `%RESPONSE_FLAGS%`), in its order of output. */
export const ResponseFlag = {
  FailedLocalHealthCheck: 1 << 0, // LH
  NoHealthyUpstream: 1 << 1, // UH
  UpstreamRequestTimeout: 1 << 2, // UT
  LocalReset: 1 << 3, // LR
  UpstreamRemoteReset: 1 << 4, // UR
  UpstreamConnectionFailure: 1 << 5, // UF
  UpstreamConnectionTermination: 1 << 6, // UC
  UpstreamOverflow: 1 << 7, // UO
  NoRouteFound: 1 << 8, // NR
  DelayInjected: 1 << 9, // DI
  FaultInjected: 1 << 10, // FI
  RateLimited: 1 << 11, // RL
  UnauthorizedExternalService: 1 << 12, // UAEX
  RateLimitServiceError: 1 << 13, // RLSE
  DownstreamConnectionTermination: 1 << 14, // DC
  UpstreamRetryLimitExceeded: 1 << 15, // URX
  StreamIdleTimeout: 1 << 16, // SI
  InvalidEnvoyRequestHeaders: 1 << 17, // IH
  DownstreamProtocolError: 1 << 18, // DPE
  UpstreamMaxStreamDurationReached: 1 << 19, // UMSDR
  ResponseFromCacheFilter: 1 << 20, // RFCF
  NoFilterConfigFound: 1 << 21, // NFCF
  DurationTimeout: 1 << 22, // DT
  UpstreamProtocolError: 1 << 23, // UPE
  NoClusterFound: 1 << 24, // NC
  OverloadManager: 1 << 25, // OM
  DnsResolutionFailed: 1 << 26, // DF
  DropOverLoad: 1 << 27, // DO
  DownstreamRemoteReset: 1 << 28, // DR
  UnconditionalDropOverload: 1 << 29, // UDO
} as const;

/** An address as Envoy prints it (`10.0.0.1:80`, `[::1]:80`, a pipe's path), with its parts. */
export interface Address {
  readonly text: string;
  /** Without brackets; the path for a pipe. */
  readonly ip: string;
  /** 0 for a pipe. */
  readonly port: number;
}

/** What the configuration says of a listener. */
export interface ListenerFacts {
  readonly trafficDirection: "unspecified" | "inbound" | "outbound";
  readonly metadata: Metadata | null;
}

/** What is known of the downstream connection. One object per connection, shared by its streams. */
export interface DownstreamInfo {
  readonly connectionId: number;
  /** The peer of the socket. */
  readonly directRemoteAddress: Address;
  readonly localAddress: Address;
  readonly listenerName: string;
  readonly filterChainName: string;
  readonly listener?: ListenerFacts;
  /** `metadata` of the filter chain. */
  readonly filterChainMetadata?: Metadata | null;
  /** When the connection was accepted, on the monotonic clock. */
  readonly connectedMs?: number;
  /** The client, where a listener filter knows it better than the socket (PROXY protocol). */
  readonly remoteAddress?: Address;
  /** The socket's own end, where a listener filter put another address in `localAddress`. */
  readonly directLocalAddress?: Address;
  /** What a listener filter found in the first bytes; empty or absent for what none looked for or found. */
  readonly requestedServerName?: string;
  /** `tls` or `raw_buffer`. */
  readonly transportProtocol?: string;
  /** In the client's order: `h2`, `http/1.1`. */
  readonly applicationProtocols?: readonly string[];
  readonly ja3Fingerprint?: string;
  readonly ja4Fingerprint?: string;
  /** Why the first bytes are no TLS, in the words of Envoy's TLS library. */
  readonly inspectionFailure?: string;
  /** Null or absent without TLS. */
  readonly tls?: TlsInfo | null;
  /** What listener filters set for the connection: filter → fields. */
  readonly dynamicMetadata?: Record<string, Record<string, unknown>> | null;
  /** Objects of the connection, which its streams have, too. */
  readonly filterState?: Map<string, unknown> | null;
}

/** The client of a connection: the peer, unless a listener filter knows better. */
export function clientAddress(downstream: DownstreamInfo): Address {
  return downstream.remoteAddress ?? downstream.directRemoteAddress;
}

/** What is known of the upstream side; set attempt by attempt, so the last one stands. */
export class UpstreamInfo {
  /** The cluster's name as routed; empty before routing. */
  clusterName = "";
  /** The cluster's alt_stat_name or name, as %UPSTREAM_CLUSTER% prints it. */
  clusterObservabilityName = "";
  /** The host that was chosen; null before. */
  hostAddress: Address | null = null;
  hostName = "";
  localAddress: Address | null = null;
  connectionId = 0;
  /** Monotonic clock; of the connection in use, so the same for all of its requests. -1 when there is none. */
  connectStartMs = -1;
  connectEndMs = -1;
  /** From the request for a connection to the pool's answer, in milliseconds; -1 before. */
  poolReadyDurationMs = -1;
  protocol = "";
  /** Of the connection in use; null without TLS. */
  tls: TlsInfo | null = null;
  attemptCount = 0;
  transportFailureReason = "";
  /** How the connection ended; empty where it is not noted. */
  closeType: CloseType | "" = "";
  /** Why the proxy closed it, in Envoy's words; empty when it did not. */
  localCloseReason = "";
  /** `filter_metadata` of the chosen host: namespace → fields. */
  hostMetadata: Metadata | null = null;
  clusterMetadata: Metadata | null = null;
  /** Of the chosen host. */
  locality: LocalityFacts | null = null;
  /** The cluster of the chosen host; hosts of every health. */
  cluster: { readonly hostCount: number } | null = null;

  /** The cluster's name; empty for a cluster that does not exist, which is never observed. */
  get existingClusterName(): string {
    return this.clusterObservabilityName === "" ? "" : this.clusterName;
  }
}

/** Where a host stands. */
export interface LocalityFacts {
  readonly region: string;
  readonly zone: string;
  readonly subZone: string;
}

/** What a request remembers of the redirects that were followed for it. */
export class InternalRedirects {
  count = 0;
  /** By the name of a route, those that it redirected to. */
  readonly #targets: Map<string, Set<string>> = new Map();

  /** Whether route `from` leads to `to` for the first time. */
  isNew(from: string, to: string): boolean {
    let targets = this.#targets.get(from);
    if (targets === undefined) this.#targets.set(from, (targets = new Set()));
    if (targets.has(to)) return false;
    targets.add(to);
    return true;
  }
}

/** How a connection ended: by a reset of one side, or not. */
export type CloseType = "Normal" | "LocalReset" | "RemoteReset";

/** Metadata as plain JSON: namespace → struct. */
export type Metadata = { readonly [namespace: string]: unknown };

/**
 * The facts of one stream (an HTTP request, or a whole TCP connection), as access logs, formatters and filters
 * read them. Times are milliseconds of the worker's monotonic clock, -1 when not reached.
 */
export class StreamInfo {
  /** Wall clock at the start, in milliseconds since the epoch, with fractions. */
  startTimeMs = 0;
  /** Monotonic clock at the start. */
  startMs = 0;
  /** `HTTP/1.0`, `HTTP/1.1`, `HTTP/2`; empty for TCP. */
  protocol = "";
  /** The protocol that the request may switch to, in lower case: `websocket`; `connect` for CONNECT; empty for none. */
  upgradeType = "";
  responseCode = 0;
  responseFlags = 0;
  responseCodeDetails = "";
  connectionTerminationDetails = "";
  /** Body bytes. */
  bytesReceived = 0;
  bytesSent = 0;
  /** Wire bytes, heads included. */
  downstreamWireBytesReceived = 0;
  downstreamWireBytesSent = 0;
  downstreamHeaderBytesReceived = 0;
  /** Of the headers; trailers are never counted as decompressed. */
  downstreamTrailerBytesReceived = 0;
  downstreamHeaderBytesSent = 0;
  upstreamWireBytesReceived = 0;
  upstreamWireBytesSent = 0;
  upstreamHeaderBytesReceived = 0;
  upstreamTrailerBytesReceived = 0;
  upstreamHeaderBytesSent = 0;
  lastDownstreamRxByteMs = -1;
  firstUpstreamTxByteMs = -1;
  lastUpstreamTxByteMs = -1;
  firstUpstreamRxByteMs = -1;
  firstUpstreamRxBodyByteMs = -1;
  lastUpstreamRxByteMs = -1;
  firstDownstreamTxByteMs = -1;
  lastDownstreamTxByteMs = -1;
  /** When the stream was complete. */
  endMs = -1;
  /** The client as x-forwarded-for and original IP detection see it; the peer by default. */
  remoteAddress: Address | null = null;
  downstream: DownstreamInfo | null = null;
  readonly upstream: UpstreamInfo = new UpstreamInfo();
  /** A gRPC request, as it was before anything was changed; null while that can still be read off its headers. */
  grpc: boolean | null = null;
  routeName = "";
  virtualHostName = "";
  virtualClusterName = "";
  /** How often a route was chosen for the stream. */
  routeResolutionCount = 0;
  /** Microseconds that took; -1 when it was not measured. */
  routeResolutionUs = -1;
  /** Why the proxy closed the downstream connection, in Envoy's words; empty when it did not. */
  downstreamLocalCloseReason = "";
  downstreamCloseType: CloseType = "Normal";
  /** filter → fields; null until a filter sets one. */
  dynamicMetadata: Record<string, Record<string, unknown>> | null = null;
  /** Of the route: null when it has none, undefined when there is no route. */
  routeMetadata: Metadata | null | undefined = undefined;
  virtualHostMetadata: Metadata | null = null;
  /** Null until one was followed. */
  internalRedirects: InternalRedirects | null = null;
  filterState: Map<string, unknown> | null = null;
  /** `scheme_header_transformation.match_upstream`: `:scheme` is to say how the upstream is reached. */
  schemeMatchesUpstream = false;
  /** True when a health check filter or path marked the request. */
  healthCheck = false;
  /** What it is called by; see `streamIdOf`. */
  identity: "request" | "own" | "none" = "request";
  /** Empty until it is asked for. */
  ownId = "";
  /** Envoy's AccessLogType as text (`DownstreamEnd`, `TcpConnectionEnd` …). */
  accessLogType = "NotSet";

  /** The request ended in trailers, of so many bytes as they count. */
  addRequestTrailers(bytes: number): void {
    this.downstreamHeaderBytesReceived += bytes;
    this.downstreamTrailerBytesReceived += bytes;
  }
}

/** What is known of a connection as one stream. */
export function connectionStreamInfo(downstream: DownstreamInfo): StreamInfo {
  const info = new StreamInfo();
  info.downstream = downstream;
  info.remoteAddress = clientAddress(downstream);
  info.dynamicMetadata = downstream.dynamicMetadata ?? null;
  info.filterState = downstream.filterState ?? null;
  info.startMs = downstream.connectedMs ?? 0;
  return info;
}

/** For formats of a connection: there is no request, and no response. */
export function connectionContext(streamInfo: StreamInfo): FormatContext {
  return {
    streamInfo,
    requestHeaders: null,
    responseHeaders: null,
    responseTrailers: null,
    localReplyBody: "",
  };
}

/** All that a substitution formatter or access log reads. Absent parts are null. */
export interface FormatContext {
  readonly streamInfo: StreamInfo;
  readonly requestHeaders: HeaderMap | null;
  readonly responseHeaders: HeaderMap | null;
  readonly responseTrailers: HeaderMap | null;
  /** The body of a local reply; empty otherwise. */
  readonly localReplyBody: string;
}
