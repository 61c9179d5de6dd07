import type { FilterChain } from "@nuncio/api/types/envoy/config/listener/v3/listener_components_pb";
import type { Listener } from "@nuncio/api/types/envoy/config/listener/v3/listener_pb";
import { sharedCountMemory } from "../base/shared-count.ts";
import { compileListenAddress, listenAddressText } from "../config/address.ts";
import type { CompileContext } from "../config/context.ts";
import { compileDuration } from "../config/durations.ts";
import type { ListenerScope, NetworkFilterConfigSide } from "../network/extension.ts";
import { compileAccessLogs } from "../observe/access-log/compile.ts";
import { LISTENER_STATS, LISTENER_WORKER_STATS } from "../observe/stats/tables/listener.ts";
import { compileDownstreamTransportSocket } from "../transport/tls/config/transport-sockets.ts";
import { compileChainMatch } from "./filter-chain-match-config.ts";
import { MATCH_ALL } from "./filter-chain-match.ts";
import { compileFilterChainMatcher } from "./filter-chain-matcher-config.ts";
import { checkOverlaps } from "./filter-chain-overlaps.ts";
import { compileListenerFilters, implemented as listenerFilters } from "./filters/config.ts";
import type {
  FilterChainConfig,
  ListenAddress,
  ListenerConfig,
  NetworkFilterConfig,
} from "./model.ts";
import { compileNetworkFilter } from "./network-filters-config.ts";
import { checkReusePort, compileUdpListener, implemented as udp } from "./udp/config.ts";

/** Fields of listeners that do something. */
export const implemented = {
  "envoy.config.listener.v3.Listener": [
    "name",
    "address",
    "additional_addresses",
    "stat_prefix",
    "listener_filters",
    "listener_filters_timeout",
    "continue_on_listener_filters_timeout",
    "filter_chains",
    "filter_chain_matcher",
    "default_filter_chain",
    "per_connection_buffer_limit_bytes",
    "traffic_direction",
    "access_log",
    "tcp_backlog_size",
    "enable_reuse_port",
    "tcp_keepalive",
    "bind_to_port",
    "udp_listener_config",
    "ignore_global_conn_limit",
    "bypass_overload_manager",
    "metadata",
    "drain_type",
  ],
  "envoy.config.listener.v3.AdditionalAddress": ["address"],
  "envoy.config.listener.v3.FilterChain": [
    "filter_chain_match",
    "filters",
    "name",
    "metadata",
    "transport_socket",
    "transport_socket_connect_timeout",
  ],
  "envoy.config.listener.v3.FilterChainMatch": [
    "destination_port",
    "prefix_ranges",
    "server_names",
    "transport_protocol",
    "application_protocols",
    "source_type",
    "source_prefix_ranges",
    "direct_source_prefix_ranges",
    "source_ports",
    // Envoy refuses them as well.
    "address_suffix",
    "suffix_len",
  ],
  "envoy.config.listener.v3.Filter": ["name", "typed_config", "config_discovery"],
  "envoy.config.core.v3.Address": ["socket_address", "pipe"],
  "envoy.config.core.v3.SocketAddress": ["protocol", "address", "port_value", "ipv4_compat"],
  "envoy.config.core.v3.Pipe": ["path", "mode"],
  "envoy.config.core.v3.CidrRange": ["address_prefix", "prefix_len"],
  "envoy.config.core.v3.Metadata": ["filter_metadata"],
  "envoy.config.core.v3.TcpKeepalive": ["keepalive_time"],
  ...listenerFilters,
  ...udp,
} as const;

/** What listeners need beside the context: the network filters there are, and the number of workers. */
export interface ListenerCompiler {
  readonly networkFilters: ReadonlyMap<string, NetworkFilterConfigSide>;
  readonly workers: number;
}

const DEFAULT_BUFFER_LIMIT_BYTES = 1024 * 1024;
const DEFAULT_BACKLOG = 128;
const DEFAULT_LISTENER_FILTERS_TIMEOUT_MS = 15_000;

/** One listener as plain data; null when its address is no address. */
export function compileListener(
  listener: Listener,
  ctx: CompileContext,
  compiler: ListenerCompiler,
): ListenerConfig | null {
  const addresses = compileAddresses(listener, ctx);
  if (addresses.length === 0) return null;
  const first = listenAddressText(addresses[0]!);
  const name = listener.name === "" ? first : listener.name;
  const statPrefix = `listener.${listener.statPrefix || first.replaceAll(":", "_")}.`;
  const isUdp = addresses[0]!.protocol === "udp";
  if (listener.bindToPort === false) {
    ctx.problems.error(
      listener,
      "bind_to_port",
      isUdp
        ? `listener ${listener.name}: bind_to_port: false is not supported for UDP listeners`
        : "not implemented yet: listeners that do not bind to their port",
    );
  }
  const perConnectionBufferLimitBytes =
    listener.perConnectionBufferLimitBytes ?? DEFAULT_BUFFER_LIMIT_BYTES;
  const { workers } = compiler;
  const scope: ListenerScope = { name, statPrefix, perConnectionBufferLimitBytes, workers };
  const reusePort =
    (listener.enableReusePort ?? true) && addresses.every((address) => address.path === "");
  if (isUdp) checkReusePort(listener, { reusePort }, workers, ctx);
  return {
    name,
    addresses,
    scope: ctx.stats.scope(statPrefix, LISTENER_STATS),
    openConnections: sharedCountMemory(compiler.workers),
    workerScopes: Array.from({ length: compiler.workers }, (_, worker) =>
      ctx.stats.scope(`${statPrefix}worker_${worker}.`, LISTENER_WORKER_STATS),
    ),
    perConnectionBufferLimitBytes,
    tcpBacklogSize: listener.tcpBacklogSize ?? DEFAULT_BACKLOG,
    tcpKeepaliveSeconds: keepaliveSeconds(listener),
    reusePort,
    ...(isUdp
      ? {
          ...NOTHING_OF_TCP,
          udp: compileUdpListener(listener, { name: first, statPrefix }, ctx),
        }
      : compileTcpParts(listener, first, { ctx, compiler, scope })),
    accessLogs: compileAccessLogs(listener.accessLog, ctx, ctx.matchers),
    ignoreGlobalConnLimit: listener.ignoreGlobalConnLimit,
    bypassOverloadManager: listener.bypassOverloadManager,
    trafficDirection: (["unspecified", "inbound", "outbound"] as const)[listener.trafficDirection],
    drainType: (["default", "modify_only"] as const)[listener.drainType],
    metadata: listener.metadata?.filterMetadata ?? null,
  };
}

/** What connections go through; datagrams do not. */
type TcpParts = Pick<
  ListenerConfig,
  | "listenerFilters"
  | "listenerFiltersTimeoutMs"
  | "continueOnListenerFiltersTimeout"
  | "filterChains"
  | "filterChainMatcher"
  | "defaultFilterChain"
  | "udp"
>;

const NOTHING_OF_TCP: Omit<TcpParts, "udp"> = {
  listenerFilters: [],
  listenerFiltersTimeoutMs: 0,
  continueOnListenerFiltersTimeout: false,
  filterChains: [],
  filterChainMatcher: null,
  defaultFilterChain: null,
};

/** As in Envoy `udp_listener_config` says nothing here. */
function compileTcpParts(
  listener: Listener,
  address: string,
  {
    ctx,
    compiler,
    scope,
  }: { ctx: CompileContext; compiler: ListenerCompiler; scope: ListenerScope },
): TcpParts {
  const filterChainMatcher = compileFilterChainMatcher(listener, ctx);
  const filterChains = listener.filterChains.map((chain) => ({
    ...compileChain(chain, ctx, compiler, scope),
    match: compileChainMatch(chain, filterChainMatcher !== null, ctx),
  }));
  if (filterChainMatcher === null) checkOverlaps(listener, address, filterChains, ctx);
  if (filterChains.length === 0 && listener.defaultFilterChain === undefined) {
    ctx.problems.error(
      listener,
      "filter_chains",
      `error adding listener '${address}': no filter chains specified`,
    );
  }
  return {
    listenerFilters: compileListenerFilters(listener.listenerFilters, ctx),
    listenerFiltersTimeoutMs: compileDuration(
      listener,
      "listener_filters_timeout",
      listener.listenerFiltersTimeout,
      DEFAULT_LISTENER_FILTERS_TIMEOUT_MS,
      ctx,
    ),
    continueOnListenerFiltersTimeout: listener.continueOnListenerFiltersTimeout,
    filterChains,
    filterChainMatcher,
    defaultFilterChain:
      listener.defaultFilterChain === undefined
        ? null
        : compileChain(listener.defaultFilterChain, ctx, compiler, scope),
    udp: null,
  };
}

function keepaliveSeconds({ tcpKeepalive }: Listener): number {
  return tcpKeepalive === undefined ? 0 : (tcpKeepalive.keepaliveTime ?? 7200);
}

function compileAddresses(listener: Listener, ctx: CompileContext): ListenAddress[] {
  const messages = [
    listener.address,
    ...listener.additionalAddresses.map((extra) => extra.address),
  ];
  if (listener.address === undefined) {
    ctx.problems.error(listener, "address", "expected an address");
  }
  const addresses = messages
    .map((address) => (address === undefined ? null : compileListenAddress(address, ctx)))
    .filter((address) => address !== null);
  if (new Set(addresses.map(({ protocol }) => protocol)).size > 1) {
    const text =
      "has different socket type. The listener only support same socket type for all the addresses.";
    ctx.problems.error(listener, "additional_addresses", `listener ${listener.name}: ${text}`);
  }
  return addresses;
}

function compileChain(
  chain: FilterChain,
  ctx: CompileContext,
  compiler: ListenerCompiler,
  listener: ListenerScope,
): FilterChainConfig {
  const filters: NetworkFilterConfig[] = [];
  const registry = compiler.networkFilters;
  chain.filters.forEach((filter, index) => {
    const last = index === chain.filters.length - 1;
    const compiled = compileNetworkFilter(filter, { isLast: last, listener, registry }, ctx);
    if (compiled !== null) filters.push(compiled);
  });
  return {
    name: chain.name,
    match: MATCH_ALL,
    metadata: chain.metadata?.filterMetadata ?? null,
    transportSocket: compileDownstreamTransportSocket(
      chain.transportSocket,
      listener.statPrefix,
      ctx,
    ),
    transportSocketConnectTimeoutMs: compileDuration(
      chain,
      "transport_socket_connect_timeout",
      chain.transportSocketConnectTimeout,
      0,
      ctx,
    ),
    filters,
  };
}
