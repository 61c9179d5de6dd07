import type { HeaderMap } from "@nuncio/codec";
import type { WorkerContext } from "../../base/worker-context.ts";
import {
  NetworkStatus,
  type NetworkFilter,
  type NetworkFilterCallbacks,
} from "../../network/filter.ts";
import { HCM_STATS } from "../../observe/stats/tables/http-connection-manager.ts";
import { ResponseFlag, type DownstreamInfo } from "../../observe/stream-info.ts";
import { ShedPoint } from "../../overload/points.ts";
import type { CloseReason, Connection } from "../../transport/connection.ts";
import type { ActiveStream } from "./active-stream.ts";
import type { ConnectionManager } from "./connection-manager.ts";
import { ConnectionTimers } from "./connection-timers.ts";
import { Http1Session } from "./http1/session.ts";
import { Http2Session } from "./http2/session.ts";
import type { HttpConnectionManagerConfig } from "./model.ts";
import type { DownstreamSession } from "./session.ts";

const STATS = HCM_STATS.at;

/** Where a connection finds the manager of its next request. */
export interface CurrentManager {
  readonly current: ConnectionManager;
}

/** One downstream HTTP connection: what its streams share whatever version of HTTP they came by. */
export class HttpConnection implements NetworkFilter {
  readonly socket: Connection;
  readonly downstream: DownstreamInfo;
  readonly worker: WorkerContext;
  readonly timers: ConnectionTimers = new ConnectionTimers(this);
  readonly #callbacks: NetworkFilterCallbacks;
  readonly #managers: CurrentManager;
  /** The same for all managers that a connection has in its life. */
  readonly #slots: Float64Array;
  readonly #base: number;
  /** Made with the first byte: an idle connection costs no parser. */
  #session: DownstreamSession | null = null;

  constructor(managers: CurrentManager, callbacks: NetworkFilterCallbacks) {
    this.#managers = managers;
    const { current } = managers;
    this.worker = current.services.worker;
    this.#slots = current.slots;
    this.#base = current.base;
    this.#callbacks = callbacks;
    this.socket = callbacks.connection;
    this.downstream = callbacks.downstream;
  }

  /** The one that the next request begins under; a request under way has its own. */
  get manager(): ConnectionManager {
    return this.#managers.current;
  }

  /** For what belongs to the connection. */
  get config(): HttpConnectionManagerConfig {
    return this.manager.config;
  }

  get session(): DownstreamSession | null {
    return this.#session;
  }

  count(stat: keyof typeof STATS, by = 1): void {
    this.#slots[this.#base + STATS[stat]]! += by;
  }

  onNewConnection(): NetworkStatus {
    this.manager.countConnection(this.socket);
    this.timers.start();
    return NetworkStatus.Continue;
  }

  onData(buffer: Buffer, start: number, end: number): NetworkStatus {
    this.count("downstream_cx_rx_bytes_total", end - start);
    const { overload } = this.manager.services;
    if (this.#session === null && overload.sheds(ShedPoint.HcmOndataCreatingCodec)) {
      this.count("downstream_rq_overload_close");
      this.#closeForOverload();
      return NetworkStatus.StopIteration;
    }
    const session = this.#session ?? this.#begin(buffer, start, end);
    // Envoy asks both whatever version of HTTP it is, and with every read.
    if (overload.sheds(ShedPoint.Http2ServerGoAwayAndCloseOnDispatch)) {
      session.sayGoodbye();
      this.#closeForOverload();
      return NetworkStatus.StopIteration;
    }
    if (overload.sheds(ShedPoint.Http2ServerGoAwayOnDispatch)) this.timers.startDrain();
    session.onData(buffer, start, end);
    return NetworkStatus.StopIteration;
  }

  onEndStream(): void {}

  onClose(reason: CloseReason): void {
    const session = this.#session;
    this.timers.cancelAll();
    if (this.socket.lingerExpired) this.count("downstream_cx_delayed_close_timeout");
    this.manager.countClose(this.socket, reason, session);
    session?.onClose(reason);
  }

  /** HTTP/1 can only say it with a response. */
  onDrain(): void {
    if (this.#session?.protocol === "http2") this.timers.startDrain();
  }

  onAboveWriteBufferHighWatermark(): void {
    this.#session?.onAboveWriteBufferHighWatermark();
  }

  onBelowWriteBufferLowWatermark(): void {
    this.#session?.onBelowWriteBufferLowWatermark();
  }

  /** Closes behind what is written, with time for the peer to read it. */
  closeDelayed(): void {
    this.socket.closeAfterFlush(this.config.delayedCloseTimeoutMs);
  }

  /** The same without time to read: the peer closes by itself, or deserves none. */
  closeFlushed(): void {
    this.socket.closeAfterFlush(0, this.config.delayedCloseTimeoutMs);
  }

  /** The response rules of the connection manager. `keepAlive`: another request may follow. */
  finishResponse(stream: ActiveStream, headers: HeaderMap, keepAlive: boolean): void {
    const { manager } = stream;
    manager.responseRules.apply(
      headers,
      stream.requestHeaders,
      stream.internalRequest,
      this.worker.wallMs(),
      stream.streamInfo,
      keepAlive,
    );
    manager.countResponse(stream, headers.status);
  }

  /** A stream is over: its last bytes are noted, its log is written. `completed`: its response was sent to the end. */
  endStream(stream: ActiveStream, completed: boolean): void {
    const info = stream.streamInfo;
    if (info.upgradeType !== "") this.count("downstream_cx_upgrades_active", -1);
    stream.destroy();
    stream.manager.completeRequest(stream, completed);
  }

  onException(stream: ActiveStream, error: unknown): void {
    this.manager.onFilterException(error);
    if (stream.destroyed) return;
    if (stream.responseStarted) stream.resetStream("filter_exception");
    else stream.sendLocalReply(500, "", "filter_exception");
  }

  /** Whether `disable_http_keepalive` wants the connection to end with the response that begins now. */
  refusesKeepalive(): boolean {
    if (!this.manager.services.overload.sheds(ShedPoint.DisableHttpKeepalive)) return false;
    this.count("downstream_cx_overload_disable_keepalive");
    return true;
  }

  /** Whether a request is too much. Counted. */
  refusesRequest(): boolean {
    const { overload } = this.manager.services;
    const refused =
      overload.sheds(ShedPoint.HttpConnectionManagerDecodeHeaders) ||
      overload.sheds(ShedPoint.StopAcceptingRequests);
    if (refused) this.count("downstream_rq_overload_close");
    return refused;
  }

  /** For the log of the listener: it is the overload manager that ended the connection. */
  noteOverload(): void {
    this.#callbacks.streamInfo.responseFlags |= ResponseFlag.OverloadManager;
  }

  #closeForOverload(): void {
    this.noteOverload();
    this.closeDelayed();
  }

  #begin(buffer: Buffer, start: number, end: number): DownstreamSession {
    const session = this.#speaksHttp2(buffer, start, end)
      ? new Http2Session(this, this.#callbacks)
      : new Http1Session(this, this.#callbacks);
    this.#session = session;
    this.manager.countCodec(session.protocol);
    return session;
  }

  /** By configuration, by ALPN, else by the first bytes; with too few of them it is HTTP/1, as in Envoy. */
  #speaksHttp2(buffer: Buffer, start: number, end: number): boolean {
    const { codecType } = this.config;
    if (codecType !== "auto") return codecType === "http2";
    const alpn = this.socket.tls?.alpn ?? "";
    if (alpn !== "") return alpn === "h2";
    const preface = PREFACE_START;
    return (
      end - start >= preface.length && buffer.latin1Slice(start, start + preface.length) === preface
    );
  }
}

/** What no request of HTTP/1 begins with (RFC 9113 3.4). */
const PREFACE_START = "PRI * HTTP/2";
