import { ServerConnection, type ServerConnectionOwner } from "../network/filter-manager.ts";
import type { NetworkFilterFactory } from "../network/filter.ts";
import type { DownstreamInfo } from "../observe/stream-info.ts";
import type { Connection } from "../transport/connection.ts";
import type { DownstreamTransportSocket } from "../transport/transport-socket.ts";
import type { Drain } from "./drain.ts";
import type { FilterChainConfig, NetworkFilterConfig, PostedFilterChain } from "./model.ts";

/** Builds the worker side of a network filter from what its compile made. */
export type BuildNetworkFilter = (config: NetworkFilterConfig) => NetworkFilterFactory;

/** What a chain asks of its listener. */
export interface FilterChainOwner {
  drainClose(): boolean;
  wallMsAt(monotonicMs: number): number;
  onHandshakeTimeout(): void;
  /** A connection is gone, from the chain's list, too. */
  onConnectionClose(server: ServerConnection): void;
}

/** Something built that is not in use yet; one of both is called. */
export interface PreparedChange {
  commit(): void;
  discard(): void;
}

/**
 * A filter chain on a worker, with its connections. It outlives the version of the listener that it came with: the next
 * version takes it over as it is, or with filters configured anew, or leaves it to its end.
 */
export class FilterChain implements ServerConnectionOwner {
  readonly id: number;
  readonly transportSocket: DownstreamTransportSocket | null;
  readonly factories: readonly NetworkFilterFactory[];
  #revision: number;
  #config: FilterChainConfig;
  readonly #owner: FilterChainOwner;
  #first: ServerConnection | null = null;
  #drain: Drain | null = null;
  #onEmpty: (() => void) | null = null;
  #closed = false;

  constructor(
    { id, revision, config }: PostedFilterChain,
    owner: FilterChainOwner,
    transportSocket: DownstreamTransportSocket | null,
    build: BuildNetworkFilter,
  ) {
    this.id = id;
    this.#revision = revision;
    this.#config = config;
    this.#owner = owner;
    this.transportSocket = transportSocket;
    this.factories = config.filters.map(build);
  }

  get config(): FilterChainConfig {
    return this.#config;
  }

  get revision(): number {
    return this.#revision;
  }

  /** It has filters, and none is missing: else its connections are to be closed. */
  get isComplete(): boolean {
    return this.factories.length > 0 && !this.factories.some(({ isMissing }) => isMissing === true);
  }

  get isEmpty(): boolean {
    return this.#first === null;
  }

  /** Any of its connections; null when there is none. */
  get first(): ServerConnection | null {
    return this.#first;
  }

  /** A connection, not started yet. */
  open(connection: Connection, facts: DownstreamInfo): ServerConnection {
    const factories = this.isComplete ? this.factories : [];
    const server = new ServerConnection(connection, facts, this, factories);
    connection.callbacks = server;
    server.next = this.#first;
    if (this.#first !== null) this.#first.previous = server;
    this.#first = server;
    return server;
  }

  /** Builds those filters anew whose connections go on. The others are as they were. */
  prepare({ config, revision }: PostedFilterChain, build: BuildNetworkFilter): PreparedChange {
    const next = config.filters.map((filter, index) =>
      this.factories[index]!.succeededBy === undefined ? null : build(filter),
    );
    return {
      commit: () => {
        this.#config = config;
        this.#revision = revision;
        next.forEach((factory, index) => {
          if (factory !== null) this.factories[index]!.succeededBy!(factory);
        });
      },
      discard: () => {
        for (const factory of next) factory?.close();
      },
    };
  }

  /** Nothing leads here any more. `onEmpty` is called, perhaps at once, when the last connection is gone. */
  drain(drain: Drain, onEmpty: () => void): void {
    this.#drain = drain;
    this.#onEmpty = onEmpty;
    if (this.isEmpty) this.#empty();
  }

  /** Drops what was built. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const factory of this.factories) factory.close();
  }

  drainClose(): boolean {
    return this.#drain?.drainClose() === true || this.#owner.drainClose();
  }

  wallMsAt(monotonicMs: number): number {
    return this.#owner.wallMsAt(monotonicMs);
  }

  onHandshakeTimeout(): void {
    this.#owner.onHandshakeTimeout();
  }

  onServerConnectionClose(server: ServerConnection): void {
    if (server.previous === null) this.#first = server.next;
    else server.previous.next = server.next;
    if (server.next !== null) server.next.previous = server.previous;
    server.next = null;
    server.previous = null;
    this.#owner.onConnectionClose(server);
    if (this.#first === null) this.#empty();
  }

  #empty(): void {
    const onEmpty = this.#onEmpty;
    this.#onEmpty = null;
    onEmpty?.();
  }
}
