import { TimerKind } from "../base/timer-scale.ts";
import { Timer, type TimerTarget } from "../base/timer-wheel.ts";
import {
  connectionStreamInfo,
  type DownstreamInfo,
  type StreamInfo,
} from "../observe/stream-info.ts";
import type { CloseReason, Connection, ConnectionCallbacks } from "../transport/connection.ts";
import {
  NetworkStatus,
  type NetworkFilter,
  type NetworkFilterCallbacks,
  type NetworkFilterFactory,
} from "./filter.ts";

/** Told when a downstream connection ends. */
export interface ServerConnectionOwner {
  onServerConnectionClose(connection: ServerConnection): void;
  /** The peer did not finish its handshake in time; the connection is closed next. */
  onHandshakeTimeout(): void;
  drainClose(): boolean;
  /** The wall clock at a moment of the monotonic one. */
  wallMsAt(monotonicMs: number): number;
}

/**
 * A downstream connection with its chain of network filters: hands every event down the chain, holds data behind a
 * filter that stopped. A filter that throws ends it, and nothing else.
 */
export class ServerConnection implements ConnectionCallbacks, TimerTarget {
  readonly connection: Connection;
  readonly downstream: DownstreamInfo;
  readonly owner: ServerConnectionOwner;
  /** Links of the owner's list of its connections. */
  next: ServerConnection | null = null;
  previous: ServerConnection | null = null;

  readonly #filters: NetworkFilter[] = [];
  #streamInfo: StreamInfo | null = null;
  #handshakeTimer: Timer | null = null;
  /** Index of the filter that stopped the chain; -1 when none did. */
  #stoppedAt = -1;
  /** How many filters saw onNewConnection. */
  #started = 0;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #endHeld = false;

  constructor(
    connection: Connection,
    downstream: DownstreamInfo,
    owner: ServerConnectionOwner,
    factories: readonly NetworkFilterFactory[],
  ) {
    this.connection = connection;
    this.downstream = downstream;
    this.owner = owner;
    factories.forEach((factory, index) => {
      this.#filters.push(factory.create(new FilterCallbacks(this, index)));
    });
    connection.halfCloseEnabled = factories.at(-1)?.halfClose ?? false;
  }

  /** The facts of the connection as one stream. Made when first asked for: HTTP has streams of its own. */
  get streamInfo(): StreamInfo {
    if (this.#streamInfo === null) {
      const info = connectionStreamInfo(this.downstream);
      info.startTimeMs = this.owner.wallMsAt(info.startMs);
      this.#streamInfo = info;
    }
    return this.#streamInfo;
  }

  /** Runs onNewConnection and starts reading. `early` was read before, and is borrowed. */
  start(early: Buffer | null = null): void {
    const { connection } = this;
    try {
      this.#startFilters();
      if (!connection.closed) connection.start(early);
    } catch (error) {
      connection.context.loop.onException(error);
      connection.close("local", true);
    }
  }

  /** `transport_socket_connect_timeout`: a peer that needs longer for its handshake is dropped. */
  limitHandshake(timeoutMs: number): void {
    this.#handshakeTimer = new Timer(this, TimerKind.TransportSocketConnect);
    this.connection.context.timers.arm(this.#handshakeTimer, timeoutMs);
  }

  onTimer(): void {
    if (this.connection.tls?.established === true) return;
    this.owner.onHandshakeTimeout();
    this.connection.close("local");
  }

  onData(buffer: Buffer, start: number, end: number): void {
    this.#dispatch(0, buffer, start, end);
  }

  onEndStream(): void {
    const end = this.#stoppedAt === -1 ? this.#filters.length : this.#stoppedAt + 1;
    if (this.#stoppedAt !== -1) this.#endHeld = true;
    for (let i = 0; i < end; i++) this.#filters[i]!.onEndStream();
  }

  onClose(reason: CloseReason): void {
    if (this.#handshakeTimer !== null) this.connection.context.timers.cancel(this.#handshakeTimer);
    try {
      for (const filter of this.#filters) filter.onClose(reason);
    } finally {
      this.owner.onServerConnectionClose(this);
    }
  }

  /** The connection has to end soon; its peer is told where the protocol can. */
  onDrain(): void {
    if (this.connection.closing) return;
    for (const filter of this.#filters) filter.onDrain?.();
  }

  onAboveWriteBufferHighWatermark(): void {
    for (const filter of this.#filters) filter.onAboveWriteBufferHighWatermark();
  }

  onBelowWriteBufferLowWatermark(): void {
    for (const filter of this.#filters) filter.onBelowWriteBufferLowWatermark();
  }

  /** Filter `index` lets the chain go on. */
  continueFrom(index: number): void {
    if (this.#stoppedAt !== index || this.connection.closing) return;
    this.#stoppedAt = -1;
    this.#startFilters();
    const held = this.#held;
    if (this.#heldBytes > 0) {
      if (this.#heldBytes > this.connection.highWatermarkBytes) this.connection.readDisable(false);
      this.#held = [];
      this.#heldBytes = 0;
      const data = held.length === 1 ? held[0]! : Buffer.concat(held);
      this.#dispatch(index + 1, data, 0, data.length);
    }
    if (this.#endHeld && this.#stoppedAt === -1 && !this.connection.closing) {
      this.#endHeld = false;
      for (let i = index + 1; i < this.#filters.length; i++) this.#filters[i]!.onEndStream();
    }
  }

  #startFilters(): void {
    while (this.#started < this.#filters.length) {
      const index = this.#started++;
      if (this.#filters[index]!.onNewConnection() === NetworkStatus.StopIteration) {
        if (index < this.#filters.length - 1) this.#stoppedAt = index;
        if (this.#stoppedAt !== -1) return;
      }
      if (this.connection.closing) return;
    }
  }

  #dispatch(from: number, buffer: Buffer, start: number, end: number): void {
    const last = this.#filters.length - 1;
    for (let i = from; i <= last; i++) {
      if (i - 1 === this.#stoppedAt && this.#stoppedAt !== -1) {
        this.#hold(buffer, start, end);
        return;
      }
      const status = this.#filters[i]!.onData(buffer, start, end);
      if (this.connection.closing) return;
      if (status === NetworkStatus.StopIteration && i < last) {
        this.#stoppedAt = i;
        this.#hold(buffer, start, end);
        return;
      }
    }
  }

  #hold(buffer: Buffer, start: number, end: number): void {
    const before = this.#heldBytes;
    this.#held.push(Buffer.from(buffer.subarray(start, end)));
    this.#heldBytes += end - start;
    const limit = this.connection.highWatermarkBytes;
    if (before <= limit && this.#heldBytes > limit) this.connection.readDisable(true);
  }
}

class FilterCallbacks implements NetworkFilterCallbacks {
  readonly #server: ServerConnection;
  readonly #index: number;

  constructor(server: ServerConnection, index: number) {
    this.#server = server;
    this.#index = index;
  }

  get connection(): Connection {
    return this.#server.connection;
  }

  get downstream(): DownstreamInfo {
    return this.#server.downstream;
  }

  get streamInfo(): StreamInfo {
    return this.#server.streamInfo;
  }

  continueReading(): void {
    this.#server.continueFrom(this.#index);
  }

  drainClose(): boolean {
    return this.#server.owner.drainClose();
  }
}
