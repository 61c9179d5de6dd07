import { ServerConnection, type ServerConnectionOwner } from "../network/filter-manager.ts";
import type { NetworkFilterFactory } from "../network/filter.ts";
import type { NetworkServices } from "../network/services.ts";
import type { AccessLog } from "../observe/access-log/access-log.ts";
import { LISTENER_STATS, LISTENER_WORKER_STATS } from "../observe/stats/tables/listener.ts";
import type { DownstreamInfo, FormatContext } from "../observe/stream-info.ts";
import { ipAddress, localAddressOf, pipeAddress, remoteAddressOf } from "../transport/address.ts";
import { Connection } from "../transport/connection.ts";
import type { NativeHandle, NativeTcp } from "../transport/native.ts";
import { NO_CALLBACKS } from "../transport/no-callbacks.ts";
import { FilterChainMatcher } from "./filter-chain-match.ts";
import { FilterChainTree } from "./filter-chain-tree.ts";
import type {
  FilterChainConfig,
  ListenAddress,
  ListenerConfig,
  NetworkFilterConfig,
} from "./model.ts";
import { ServerSocket } from "./server-socket.ts";

/** Builds the worker side of a network filter from what its compile made. */
export type BuildNetworkFilter = (
  config: NetworkFilterConfig,
  listener: ListenerConfig,
) => NetworkFilterFactory;

interface FilterChain {
  readonly name: string;
  readonly metadata: FilterChainConfig["metadata"];
  readonly factories: readonly NetworkFilterFactory[];
}

const STATS = LISTENER_STATS.at;
const WORKER_STATS = LISTENER_WORKER_STATS.at;

/** One listener on one worker: accepts, chooses the filter chain, keeps the list of its connections. */
export class Listener implements ServerConnectionOwner {
  readonly config: ListenerConfig;
  readonly #services: NetworkServices;
  readonly #sockets: ServerSocket[] = [];
  readonly #findChain: (info: DownstreamInfo) => FilterChain | null;
  readonly #accessLogs: readonly AccessLog[];
  readonly #base: number;
  readonly #workerBase: number;
  #first: ServerConnection | null = null;
  #draining = false;

  constructor(config: ListenerConfig, services: NetworkServices, build: BuildNetworkFilter) {
    this.config = config;
    this.#services = services;
    this.#base = config.scope.base;
    this.#workerBase = config.workerScopes[services.worker.workerId]!.base;
    const buildChain = (chain: FilterChainConfig): FilterChain => ({
      name: chain.name,
      metadata: chain.metadata,
      factories: chain.filters.map((filter) => build(filter, config)),
    });
    const chains = config.filterChains.map(buildChain);
    const { defaultFilterChain, filterChainMatcher } = config;
    const defaultChain = defaultFilterChain === null ? null : buildChain(defaultFilterChain);
    if (filterChainMatcher === null) {
      const matcher = new FilterChainMatcher(
        chains.map((chain, index) => ({ match: config.filterChains[index]!.match, chain })),
      );
      this.#findChain = (info) => matcher.find(info) ?? defaultChain;
    } else {
      const byName = new Map(chains.map((chain) => [chain.name, chain]));
      const tree = new FilterChainTree(filterChainMatcher, byName, defaultChain, services.worker);
      this.#findChain = (info) => tree.find(info);
    }
    this.#accessLogs = services.buildAccessLogs(config.accessLogs);
  }

  /** Opens the sockets of this worker. Returns what went wrong, in one line; nothing is open then. */
  listen(): string | null {
    if (!this.config.reusePort && this.#services.worker.workerId !== 0) return null;
    for (const address of this.config.addresses) {
      const socket = new ServerSocket(address);
      const error = socket.listen(
        this.#services.transport.loop,
        this.config.tcpBacklogSize,
        this.config.reusePort,
        (handle) => this.#accept(handle, address),
      );
      if (error !== null) {
        this.stopAccepting();
        return `cannot bind '${socket.text}': ${error}`;
      }
      this.#sockets.push(socket);
    }
    return null;
  }

  stopAccepting(): void {
    for (const socket of this.#sockets) socket.close();
    this.#sockets.length = 0;
  }

  /** From now on connections part with their peers when they can. */
  drain(): void {
    this.#draining = true;
  }

  drainClose(): boolean {
    return this.#draining;
  }

  wallMsAt(monotonicMs: number): number {
    const { worker } = this.#services;
    return worker.wallMs() - (worker.nowMs() - monotonicMs);
  }

  /** Closes every connection now. */
  closeConnections(): void {
    while (this.#first !== null) this.#first.connection.close("local");
  }

  onServerConnectionClose(server: ServerConnection): void {
    if (server.previous === null) this.#first = server.next;
    else server.previous.next = server.next;
    if (server.next !== null) server.next.previous = server.previous;
    server.next = null;
    server.previous = null;
    const { worker } = this.#services;
    const { slots } = worker.stats;
    slots[this.#base + STATS.downstream_cx_destroy]! += 1;
    slots[this.#base + STATS.downstream_cx_active]! -= 1;
    slots[this.#workerBase + WORKER_STATS.downstream_cx_active]! -= 1;
    worker.stats.record(
      this.config.scope.histogramBase + STATS.downstream_cx_length_ms,
      worker.nowMs() - server.connection.startMs,
    );
    if (this.#accessLogs.length > 0) this.#log(server);
  }

  #accept(handle: NativeHandle, address: ListenAddress): void {
    const { worker, transport } = this.#services;
    const { slots } = worker.stats;
    worker.stats.record(
      this.config.scope.histogramBase + STATS.connections_accepted_per_socket_event,
      1,
    );
    const own =
      address.path === "" ? ipAddress(address.ip, address.port) : pipeAddress(address.path);
    const info: Mutable<DownstreamInfo> = {
      connectionId: 0,
      directRemoteAddress: remoteAddressOf(
        handle,
        address.path === "" ? ipAddress("", 0) : pipeAddress(""),
      ),
      localAddress: localAddressOf(handle, own),
      listenerName: this.config.name,
      filterChainName: "",
      listener: this.config,
      filterChainMetadata: null,
      connectedMs: worker.nowMs(),
    };
    const chain = this.#findChain(info);
    if (chain === null) {
      slots[this.#base + STATS.no_filter_chain_match]! += 1;
      handle.close();
      return;
    }
    if ("setNoDelay" in handle) this.#setSocketOptions(handle as NativeTcp);
    // The callbacks are set by the server connection; between here and there nothing is read.
    const connection = new Connection(transport, handle, NO_CALLBACKS);
    connection.highWatermarkBytes = this.config.perConnectionBufferLimitBytes;
    info.connectionId = connection.id;
    info.filterChainName = chain.name;
    info.filterChainMetadata = chain.metadata;
    const server = new ServerConnection(connection, info, this, chain.factories);
    connection.callbacks = server;
    slots[this.#base + STATS.downstream_cx_total]! += 1;
    slots[this.#workerBase + WORKER_STATS.downstream_cx_total]! += 1;
    slots[this.#base + STATS.downstream_cx_active]! += 1;
    slots[this.#workerBase + WORKER_STATS.downstream_cx_active]! += 1;
    server.next = this.#first;
    if (this.#first !== null) this.#first.previous = server;
    this.#first = server;
    if (chain.factories.length > 0) {
      server.start();
    } else {
      slots[this.#base + STATS.network_extension_config_missing]! += 1;
      connection.close("local");
    }
  }

  #setSocketOptions(tcp: NativeTcp): void {
    tcp.setNoDelay(true);
    if (this.config.tcpKeepaliveSeconds > 0)
      tcp.setKeepAlive(true, this.config.tcpKeepaliveSeconds);
  }

  #log(server: ServerConnection): void {
    server.streamInfo.endMs = this.#services.worker.nowMs();
    const context: FormatContext = {
      streamInfo: server.streamInfo,
      requestHeaders: null,
      responseHeaders: null,
      responseTrailers: null,
      localReplyBody: "",
    };
    for (const log of this.#accessLogs) log.log(context);
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
