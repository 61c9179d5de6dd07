import { ServerConnection, type ServerConnectionOwner } from "../network/filter-manager.ts";
import type { NetworkServices } from "../network/services.ts";
import type { AccessLog } from "../observe/access-log/access-log.ts";
import { LISTENER_STATS, LISTENER_WORKER_STATS } from "../observe/stats/tables/listener.ts";
import {
  connectionContext,
  connectionStreamInfo,
  ResponseFlag,
  type StreamInfo,
} from "../observe/stream-info.ts";
import { Connection } from "../transport/connection.ts";
import type { NativeHandle, NativeTcp } from "../transport/native.ts";
import { NO_CALLBACKS } from "../transport/no-callbacks.ts";
import { acceptedFacts, type ListenerFacts } from "./accepted-facts.ts";
import {
  AcceptedSocket,
  closeUnread,
  type AcceptedSocketOwner,
  type EarlyEnd,
  type ListenerFilterSlot,
} from "./accepted-socket.ts";
import type { FindFilterChain } from "./filter-chain-index.ts";
import { buildFilterChains, type BuildNetworkFilter, type FilterChain } from "./filter-chains.ts";
import { listenerFilterWorkerSides } from "./filters/worker-registry.ts";
import type { ListenAddress, ListenerConfig } from "./model.ts";
import { ServerSocket } from "./server-socket.ts";

const STATS = LISTENER_STATS.at;
const WORKER_STATS = LISTENER_WORKER_STATS.at;

const EARLY_END_STATS: { readonly [end in EarlyEnd]: number | null } = {
  filter: null,
  timeout: STATS.downstream_pre_cx_timeout,
  remote_close: STATS.downstream_listener_filter_remote_close,
  error: STATS.downstream_listener_filter_error,
  local: null,
};

/** One listener on one worker: accepts, chooses the filter chain, keeps the list of its connections. */
export class Listener implements ServerConnectionOwner, AcceptedSocketOwner {
  readonly config: ListenerConfig;
  readonly #services: NetworkServices;
  readonly #sockets: ServerSocket[] = [];
  readonly #findChain: FindFilterChain<FilterChain>;
  readonly #accessLogs: readonly AccessLog[];
  readonly #base: number;
  readonly #workerBase: number;
  readonly #filters: readonly ListenerFilterSlot[];
  /** Connections whose filter chain is not chosen yet. */
  readonly #accepted = new Set<AcceptedSocket>();
  #first: ServerConnection | null = null;
  #draining = false;

  constructor(config: ListenerConfig, services: NetworkServices, build: BuildNetworkFilter) {
    this.config = config;
    this.#services = services;
    this.#base = config.scope.base;
    this.#workerBase = config.workerScopes[services.worker.workerId]!.base;
    this.#findChain = buildFilterChains(config, services, build);
    this.#filters = config.listenerFilters.map(({ type, config: plain, disabled }) => ({
      filter: listenerFilterWorkerSides.get(type)!.build(plain as never, services.worker),
      disabled,
    }));
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

  get listenerFiltersTimeoutMs(): number {
    return this.config.listenerFiltersTimeoutMs;
  }

  get continueOnTimeout(): boolean {
    return this.config.continueOnListenerFiltersTimeout;
  }

  /** Closes every connection now. */
  closeConnections(): void {
    for (const socket of this.#accepted) socket.close("local");
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

  onHandshakeTimeout(): void {
    this.#count(STATS.downstream_cx_transport_socket_connect_timeout, 1);
  }

  onInspected(socket: AcceptedSocket, early: Buffer | null, timeout: boolean): void {
    this.#forget(socket);
    if (timeout) this.#count(STATS.downstream_pre_cx_timeout, 1);
    this.#open(socket.handle, socket.facts, early);
  }

  onEarlyEnd(socket: AcceptedSocket, end: EarlyEnd): void {
    this.#forget(socket);
    const stat = EARLY_END_STATS[end];
    if (stat !== null) this.#count(stat, 1);
    this.#logUnserved(socket.facts, 0, "");
  }

  #accept(handle: NativeHandle, address: ListenAddress): void {
    const { worker, transport } = this.#services;
    worker.stats.record(
      this.config.scope.histogramBase + STATS.connections_accepted_per_socket_event,
      1,
    );
    const facts = acceptedFacts(handle, address, this.config, worker.nowMs());
    if (this.#filters.length === 0) {
      this.#open(handle, facts, null);
      return;
    }
    const socket = new AcceptedSocket(handle, facts, this.#filters, transport, this);
    this.#count(STATS.downstream_pre_cx_active, 1);
    this.#accepted.add(socket);
    socket.start();
  }

  #forget(socket: AcceptedSocket): void {
    this.#accepted.delete(socket);
    this.#count(STATS.downstream_pre_cx_active, -1);
  }

  /** Chooses the filter chain and starts it. */
  #open(handle: NativeHandle, facts: ListenerFacts, early: Buffer | null): void {
    const { worker, transport } = this.#services;
    const { slots } = worker.stats;
    if (facts.transportProtocol === "") facts.transportProtocol = "raw_buffer";
    const chain = this.#findChain(facts);
    if (chain === null) {
      this.#count(STATS.no_filter_chain_match, 1);
      this.#logUnserved(facts, ResponseFlag.NoRouteFound, "filter_chain_not_found");
      closeUnread(handle, early === null ? 0 : early.length);
      return;
    }
    if ("setNoDelay" in handle) this.#setSocketOptions(handle as NativeTcp);
    // The callbacks are set by the server connection; between here and there nothing is read.
    const { transportSocket } = chain;
    const secured = transportSocket === null ? handle : transportSocket.accept(handle);
    const connection = new Connection(transport, secured, NO_CALLBACKS);
    connection.highWatermarkBytes = this.config.perConnectionBufferLimitBytes;
    connection.hasUnread = early !== null && transportSocket === null;
    facts.connectionId = connection.id;
    facts.tls = connection.tls;
    facts.filterChainName = chain.name;
    facts.filterChainMetadata = chain.metadata;
    const server = new ServerConnection(connection, facts, this, chain.factories);
    connection.callbacks = server;
    slots[this.#base + STATS.downstream_cx_total]! += 1;
    slots[this.#workerBase + WORKER_STATS.downstream_cx_total]! += 1;
    slots[this.#base + STATS.downstream_cx_active]! += 1;
    slots[this.#workerBase + WORKER_STATS.downstream_cx_active]! += 1;
    server.next = this.#first;
    if (this.#first !== null) this.#first.previous = server;
    this.#first = server;
    if (chain.factories.length > 0) {
      if (chain.handshakeTimeoutMs > 0 && transportSocket !== null)
        server.limitHandshake(chain.handshakeTimeoutMs);
      server.start(early);
    } else {
      slots[this.#base + STATS.network_extension_config_missing]! += 1;
      connection.close("local");
    }
  }

  #count(stat: number, by: number): void {
    this.#services.worker.stats.slots[this.#base + stat]! += by;
  }

  #setSocketOptions(tcp: NativeTcp): void {
    tcp.setNoDelay(true);
    if (this.config.tcpKeepaliveSeconds > 0)
      tcp.setKeepAlive(true, this.config.tcpKeepaliveSeconds);
  }

  #log(server: ServerConnection): void {
    const { streamInfo, connection } = server;
    streamInfo.endMs = this.#services.worker.nowMs();
    streamInfo.bytesReceived = connection.bytesReceived;
    streamInfo.bytesSent = connection.bytesSent;
    this.#writeLogs(streamInfo);
  }

  /** The log lines of a connection that got no filter chain. */
  #logUnserved(facts: ListenerFacts, flags: number, details: string): void {
    if (this.#accessLogs.length === 0) return;
    const info = connectionStreamInfo(facts);
    info.startTimeMs = this.wallMsAt(info.startMs);
    info.endMs = this.#services.worker.nowMs();
    info.responseFlags = flags;
    info.responseCodeDetails = details;
    this.#writeLogs(info);
  }

  #writeLogs(streamInfo: StreamInfo): void {
    const context = connectionContext(streamInfo);
    for (const log of this.#accessLogs) log.log(context);
  }
}
