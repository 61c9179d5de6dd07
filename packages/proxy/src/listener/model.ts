import type { CidrConfig } from "../base/cidr.ts";
import type { MatcherConfig } from "../matching/model.ts";
import type { AccessLogConfig } from "../observe/access-log/model.ts";
import type { ScopeSlots } from "../observe/stats/definition.ts";
import type { Metadata } from "../observe/stream-info.ts";
import type { DownstreamTlsConfig } from "../transport/tls/model.ts";
import type { UdpFilterConfig, UdpSocketOptions } from "../udp/model.ts";
import type { ListenerFilterConfig } from "./filters/model.ts";

/** A listener as plain data. */
export interface ListenerConfig extends ListenerSettings {
  readonly filterChains: readonly FilterChainConfig[];
  readonly defaultFilterChain: FilterChainConfig | null;
}

/** A version of a listener as main posts it to the workers. */
export interface ListenerUpdate {
  /** Counts up, whatever listener it is. */
  readonly generation: number;
  readonly settings: ListenerSettings;
  /** A number is the id of one that the worker has as it is. */
  readonly filterChains: readonly (PostedFilterChain | number)[];
  readonly defaultFilterChain: PostedFilterChain | number | null;
}

/** A filter chain of a version. Main has compared it with those of the version before. */
export interface PostedFilterChain {
  /** Of the process. One that means the same keeps it, and one whose connections can go on. */
  readonly id: number;
  /** Counts up where only connections go on. */
  readonly revision: number;
  readonly config: FilterChainConfig;
}

/** All of a listener but its chains. */
export interface ListenerSettings {
  readonly name: string;
  /** Of all its sockets. */
  readonly addresses: readonly ListenAddress[];
  readonly scope: ScopeSlots;
  /** `listener.<address>.worker_<n>.`, a scope per worker. */
  readonly workerScopes: readonly ScopeSlots[];
  readonly perConnectionBufferLimitBytes: number;
  readonly tcpBacklogSize: number;
  /** Seconds; 0 sends no keepalive. */
  readonly tcpKeepaliveSeconds: number;
  /** One worker accepts for all when false (Unix sockets, `enable_reuse_port: false`). */
  readonly reusePort: boolean;
  /** Run before the filter chain is chosen, in order. */
  readonly listenerFilters: readonly ListenerFilterConfig[];
  /** 0 waits for ever. */
  readonly listenerFiltersTimeoutMs: number;
  /** Goes on as if the listener filters were through, instead of closing. */
  readonly continueOnListenerFiltersTimeout: boolean;
  /** Names the chain, instead of the chains' own criteria; null without. */
  readonly filterChainMatcher: MatcherConfig<string> | null;
  readonly accessLogs: readonly AccessLogConfig[];
  /** Its connections do not count for the limit of all listeners, and are not limited by it. */
  readonly ignoreGlobalConnLimit: boolean;
  /** Nothing that the overload manager says concerns it. */
  readonly bypassOverloadManager: boolean;
  /** Of a `SharedCount`: the open connections of all workers. */
  readonly openConnections: SharedArrayBuffer;
  readonly trafficDirection: "unspecified" | "inbound" | "outbound";
  /** Whether `/healthcheck/fail` drains its connections, too. */
  readonly drainType: "default" | "modify_only";
  /** `metadata.filter_metadata`; null without. */
  readonly metadata: Metadata | null;
  /** Null for a listener of TCP. One of UDP has none of the filters above, and no filter chains. */
  readonly udp: UdpListenerConfig | null;
}

/** What a listener of UDP has beside. */
export interface UdpListenerConfig {
  /** `listener.<address>.udp.` */
  readonly scope: ScopeSlots;
  readonly socket: UdpSocketOptions;
  /** Each datagram goes from one to the next, until one has dealt with it. */
  readonly filters: readonly UdpFilterConfig[];
}

/** Where a listener accepts; the port is final, main resolved port 0. */
export interface ListenAddress {
  readonly protocol: "tcp" | "udp";
  readonly ip: string;
  readonly port: number;
  /** A Unix socket when not empty; `@` starts an abstract name. */
  readonly path: string;
  readonly mode: number;
  /** `::` accepts IPv4 too. */
  readonly ipv4Compat: boolean;
}

export interface FilterChainConfig {
  readonly name: string;
  /** Of the default chain, and beside a matcher, nobody asks. */
  readonly match: FilterChainMatchConfig;
  /** `metadata.filter_metadata`; null without. */
  readonly metadata: Metadata | null;
  /** What lies over its sockets; null for nothing. */
  readonly transportSocket: DownstreamTlsConfig | null;
  /** Time for the handshake; 0: no limit. */
  readonly transportSocketConnectTimeoutMs: number;
  readonly filters: readonly NetworkFilterConfig[];
}

/** One network filter: the type that chooses its worker side, and what its compile made. */
export interface NetworkFilterConfig {
  readonly name: string;
  /** Message type name, `envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy`. */
  readonly type: string;
  readonly config: unknown;
}

/** Criteria of `FilterChainMatch`; empty lists, an empty text and 0 match all. */
export interface FilterChainMatchConfig {
  readonly destinationPort: number;
  readonly prefixRanges: readonly CidrConfig[];
  /** In lower case; `*.a.test` takes all names below. An empty one asks for nothing. */
  readonly serverNames: readonly string[];
  /** `tls`, `raw_buffer`. */
  readonly transportProtocol: string;
  readonly applicationProtocols: readonly string[];
  readonly directSourcePrefixRanges: readonly CidrConfig[];
  readonly sourceType: "any" | "same_ip_or_loopback" | "external";
  readonly sourcePrefixRanges: readonly CidrConfig[];
  readonly sourcePorts: readonly number[];
}
