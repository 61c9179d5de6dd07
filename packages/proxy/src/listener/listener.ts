import type { ServerConnection } from "../network/filter-manager.ts";
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
} from "./accepted-socket.ts";
import type { ActiveListener } from "./active-listener.ts";
import { Admission } from "./admission.ts";
import { ConnectionCloser } from "./connection-closer.ts";
import type { Drain } from "./drain.ts";
import type { BuildNetworkFilter, FilterChain, FilterChainOwner } from "./filter-chain.ts";
import { FilterChains } from "./filter-chains.ts";
import type { InheritedSocket, InheritedSockets } from "./inherited-sockets.ts";
import { ListenerFilters } from "./listener-filters.ts";
import { ListenerSockets } from "./listener-sockets.ts";
import type { ListenAddress, ListenerSettings, ListenerUpdate } from "./model.ts";
import { OpenConnections } from "./open-connections.ts";

const STATS = LISTENER_STATS.at;
const WORKER_STATS = LISTENER_WORKER_STATS.at;

const EARLY_END_STATS: { readonly [end in EarlyEnd]: number | null } = {
  filter: null,
  timeout: STATS.downstream_pre_cx_timeout,
  remote_close: STATS.downstream_listener_filter_remote_close,
  error: STATS.downstream_listener_filter_error,
  local: null,
};

/**
 * One listener on one worker: accepts, chooses the filter chain. Versions that keep its address and the names of its stats
 * are versions of this object; a connection belongs to its filter chain, and sees of a new version what that chain sees.
 */
export class Listener implements ActiveListener, FilterChainOwner, AcceptedSocketOwner {
  readonly #services: NetworkServices;
  readonly #sockets: ListenerSockets;
  readonly #chains: FilterChains;
  #settings: ListenerSettings;
  #accessLogs: readonly AccessLog[] = [];
  #filters: ListenerFilters | null = null;
  /** What a connection keeps of it. */
  #facts: Pick<ListenerSettings, "metadata" | "trafficDirection">;
  readonly #base: number;
  readonly #workerBase: number;
  readonly #admission: Admission;
  /** Set with the first version. */
  #open: OpenConnections | null = null;
  /** Connections whose filter chain is not chosen yet. */
  readonly #accepted = new Set<AcceptedSocket>();
  /** Connections that have one. */
  #connections = 0;
  /** Chains of former versions, whose connections are not all gone. */
  readonly #draining = new Set<FilterChain>();
  #drain: Drain | null = null;
  #closer: ConnectionCloser | null = null;
  #onRetired: (() => void) | null = null;
  /** Sockets that it takes instead of binding; null for none. */
  inherited: InheritedSockets | null = null;

  /** A listener of that name and place, which has no version yet. */
  constructor(settings: ListenerSettings, services: NetworkServices, build: BuildNetworkFilter) {
    this.#settings = settings;
    this.#facts = settings;
    this.#services = services;
    this.#base = settings.scope.base;
    this.#workerBase = settings.workerScopes[services.worker.workerId]!.base;
    this.#chains = new FilterChains(this, services, build);
    this.#sockets = new ListenerSockets(services, (handle, address) =>
      this.#onConnection(handle, address),
    );
    this.#admission = new Admission(settings, services.overload, (stat) => this.#count(stat, 1));
  }

  get settings(): ListenerSettings {
    return this.#settings;
  }

  /** Whether `next` can be a version of this one: no connection is left on an address that is not the listener's. */
  canBecome(next: ListenerSettings): boolean {
    return (
      next.scope.base === this.#settings.scope.base &&
      next.reusePort === this.#settings.reusePort &&
      this.#admission.isAlso(next) &&
      this.#sockets.areAllOf(next.addresses)
    );
  }

  /**
   * Takes the first or next version: new sockets are open before old ones close, and those of the same address stay. What
   * chains went drains, and `onDrained` is called, perhaps at once, when nothing of them is left.
   * @param replaced the listener that this one takes the place of; its sockets are taken over
   * @returns what went wrong, in one line; nothing has changed then
   */
  update(
    update: ListenerUpdate,
    drain: Drain,
    onDrained: () => void,
    replaced: ActiveListener | null = null,
  ): string | null {
    const { settings } = update;
    // One of UDP has no sockets that could go on.
    const before = replaced instanceof Listener ? replaced : null;
    const { worker } = this.#services;
    const filters = new ListenerFilters(settings.listenerFilters, this.#services, () =>
      this.#count(STATS.extension_config_missing, 1),
    );
    const prepared = this.#chains.prepare(update);
    const accessLogs = this.#services.buildAccessLogs(settings.accessLogs);
    const open = before === null ? null : before.#sockets;
    const error = this.#sockets.open(settings, open, this.inherited);
    if (error !== null) {
      prepared.discard();
      filters.close();
      for (const log of accessLogs) log.close();
      return error;
    }
    for (const log of this.#accessLogs) log.close();
    // Versions of one name count together, also while one takes the place of the other.
    this.#open ??= before === null ? null : before.#open;
    this.#open ??= new OpenConnections(settings, worker);
    this.#accessLogs = accessLogs;
    this.#filters?.close();
    this.#filters = filters;
    this.#settings = settings;
    const { metadata, trafficDirection } = settings;
    this.#facts = { metadata, trafficDirection };
    this.#drainChains(prepared.commit(), drain, onDrained);
    for (const { handle, address } of before === null ? [] : before.#admission.takeHeld())
      this.#onConnection(handle, address);
    return null;
  }

  /** What it accepts on. The descriptors stay its own. */
  get listening(): readonly InheritedSocket[] {
    return this.#sockets.listening;
  }

  stopAccepting(): void {
    this.#sockets.close();
    for (const { handle } of this.#admission.takeHeld()) handle.close();
  }

  /** `stop_accepting_connections` is over. */
  resumeAccepting(): void {
    for (const { handle, address } of this.#admission.takeHeld()) this.#accept(handle, address);
  }

  /** From now on connections part with their peers when they can. */
  drain(drain: Drain): void {
    this.#drain ??= drain;
  }

  /** While it drains: connections that say nothing by themselves are told near the end of the drain time, if they can be. */
  lastCall(): void {
    if (this.#drain === null) return;
    new ConnectionCloser(this.#chains.all, this.#services.transport).start(
      this.#drain.options,
      false,
    );
  }

  /**
   * The listener is no more: it stops accepting, its connections drain, and are closed when the drain time is over. Calls
   * back, perhaps at once, when the last one is gone.
   */
  retire(drain: Drain, onRetired: () => void): void {
    this.stopAccepting();
    this.#drain = drain;
    this.#onRetired = onRetired;
    this.#closer = new ConnectionCloser(this.#chains.all, this.#services.transport, () => {
      for (const socket of this.#accepted) socket.close("local");
    });
    this.#closer.start(drain.options);
    this.#endIfRetired();
  }

  drainClose(): boolean {
    if (this.#drain?.drainClose() === true) return true;
    return this.#services.serverHealth.failed && this.#settings.drainType === "default";
  }

  wallMsAt(monotonicMs: number): number {
    const { worker } = this.#services;
    return worker.wallMs() - (worker.nowMs() - monotonicMs);
  }

  get listenerFiltersTimeoutMs(): number {
    return this.#settings.listenerFiltersTimeoutMs;
  }

  get continueOnTimeout(): boolean {
    return this.#settings.continueOnListenerFiltersTimeout;
  }

  /** Closes every connection now. */
  closeConnections(): void {
    for (const socket of this.#accepted) socket.close("local");
    for (const chain of [...this.#chains.all, ...this.#draining])
      while (chain.first !== null) chain.first.connection.close("local");
  }

  onConnectionClose(server: ServerConnection): void {
    this.#admission.release();
    this.#open!.release();
    const { worker } = this.#services;
    const { slots } = worker.stats;
    slots[this.#base + STATS.downstream_cx_destroy]! += 1;
    slots[this.#base + STATS.downstream_cx_active]! -= 1;
    slots[this.#workerBase + WORKER_STATS.downstream_cx_active]! -= 1;
    worker.stats.record(
      this.#settings.scope.histogramBase + STATS.downstream_cx_length_ms,
      worker.nowMs() - server.connection.startMs,
    );
    this.#connections--;
    if (this.#accessLogs.length > 0) this.#log(server);
    if (this.#onRetired !== null) this.#endIfRetired();
  }

  onHandshakeTimeout(): void {
    this.#count(STATS.downstream_cx_transport_socket_connect_timeout, 1);
  }

  onInspected(socket: AcceptedSocket, early: Buffer | null, timeout: boolean): void {
    this.#forget(socket);
    if (timeout) this.#count(STATS.downstream_pre_cx_timeout, 1);
    this.#serve(socket.handle, socket.facts, early);
    if (this.#onRetired !== null) this.#endIfRetired();
  }

  onEarlyEnd(socket: AcceptedSocket, end: EarlyEnd): void {
    this.#forget(socket);
    this.#open!.release();
    const stat = EARLY_END_STATS[end];
    if (stat !== null) this.#count(stat, 1);
    this.#admission.release();
    this.#logUnserved(socket.facts, 0, "");
    if (this.#onRetired !== null) this.#endIfRetired();
  }

  #drainChains(gone: readonly FilterChain[], drain: Drain, onDrained: () => void): void {
    if (gone.length === 0) {
      onDrained();
      return;
    }
    const closer = new ConnectionCloser(gone, this.#services.transport);
    closer.start(drain.options);
    let left = gone.length;
    for (const chain of gone) {
      this.#draining.add(chain);
      chain.drain(drain, () => {
        this.#draining.delete(chain);
        chain.close();
        if (--left > 0) return;
        closer.cancel();
        onDrained();
      });
    }
  }

  #endIfRetired(): void {
    if (this.#connections > 0 || this.#accepted.size > 0) return;
    const onRetired = this.#onRetired;
    if (onRetired === null) return;
    this.#onRetired = null;
    this.#closer?.cancel();
    this.#filters?.close();
    for (const chain of this.#chains.all) chain.close();
    for (const log of this.#accessLogs) log.close();
    onRetired();
  }

  #onConnection(handle: NativeHandle, address: ListenAddress): void {
    if (!this.#admission.holds(handle, address, this.#settings.tcpBacklogSize))
      this.#accept(handle, address);
  }

  #accept(handle: NativeHandle, address: ListenAddress): void {
    const { worker, transport } = this.#services;
    worker.stats.record(
      this.#settings.scope.histogramBase + STATS.connections_accepted_per_socket_event,
      1,
    );
    if (!this.#admission.admits(handle)) return;
    if (!this.#open!.tryAcquire()) {
      this.#admission.release();
      this.#count(STATS.downstream_cx_overflow, 1);
      closeUnread(handle, 0);
      return;
    }
    const facts = acceptedFacts(handle, address, this.#settings.name, this.#facts, worker.nowMs());
    const { slots } = this.#filters!;
    if (slots.length === 0) {
      this.#serve(handle, facts, null);
      return;
    }
    const socket = new AcceptedSocket(handle, facts, slots, transport, this);
    this.#count(STATS.downstream_pre_cx_active, 1);
    this.#accepted.add(socket);
    socket.start();
  }

  #forget(socket: AcceptedSocket): void {
    this.#accepted.delete(socket);
    this.#count(STATS.downstream_pre_cx_active, -1);
  }

  /** Chooses the filter chain and starts it. */
  #serve(handle: NativeHandle, facts: ListenerFacts, early: Buffer | null): void {
    const { worker, transport } = this.#services;
    const { slots } = worker.stats;
    if (facts.transportProtocol === "") facts.transportProtocol = "raw_buffer";
    const chain = this.#chains.find(facts);
    if (chain === null) {
      this.#admission.release();
      this.#count(STATS.no_filter_chain_match, 1);
      this.#logUnserved(facts, ResponseFlag.NoRouteFound, "filter_chain_not_found");
      closeUnread(handle, early === null ? 0 : early.length);
      this.#open!.release();
      return;
    }
    if ("setNoDelay" in handle) this.#setSocketOptions(handle as NativeTcp);
    // The callbacks are set by the server connection; between here and there nothing is read.
    const { transportSocket } = chain;
    const secured = transportSocket === null ? handle : transportSocket.accept(handle);
    const connection = new Connection(transport, secured, NO_CALLBACKS);
    connection.highWatermarkBytes = this.#settings.perConnectionBufferLimitBytes;
    connection.hasUnread = early !== null && transportSocket === null;
    facts.connectionId = connection.id;
    facts.tls = connection.tls;
    facts.filterChainName = chain.config.name;
    facts.filterChainMetadata = chain.config.metadata;
    const server = chain.open(connection, facts);
    this.#connections++;
    slots[this.#base + STATS.downstream_cx_total]! += 1;
    slots[this.#workerBase + WORKER_STATS.downstream_cx_total]! += 1;
    slots[this.#base + STATS.downstream_cx_active]! += 1;
    slots[this.#workerBase + WORKER_STATS.downstream_cx_active]! += 1;
    if (chain.isComplete) {
      const { transportSocketConnectTimeoutMs: handshakeMs } = chain.config;
      if (handshakeMs > 0 && transportSocket !== null) server.limitHandshake(handshakeMs);
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
    if (this.#settings.tcpKeepaliveSeconds > 0)
      tcp.setKeepAlive(true, this.#settings.tcpKeepaliveSeconds);
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
