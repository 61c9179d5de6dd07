import { Http1Error, Http1ServerCodec, type CodecError, type HeaderMap } from "@nuncio/codec";
import type { WorkerContext } from "../../base/worker-context.ts";
import {
  NetworkStatus,
  type NetworkFilter,
  type NetworkFilterCallbacks,
} from "../../network/filter.ts";
import { HCM_STATS } from "../../observe/stats/tables/http-connection-manager.ts";
import { ResponseFlag, type DownstreamInfo } from "../../observe/stream-info.ts";
import type { CloseReason, Connection } from "../../transport/connection.ts";
import type { RouteEntry } from "../route/entry.ts";
import { ActiveStream } from "./active-stream.ts";
import { cleanHead } from "./clean-head.ts";
import type { ConnectionManager, FilterSlot } from "./connection-manager.ts";
import { ConnectionReuse } from "./connection-reuse.ts";
import { ConnectionTimers } from "./connection-timers.ts";
import type { HttpConnectionManagerConfig } from "./model.ts";
import { prepareRequest } from "./prepare-request.ts";
import { RequestReceiver } from "./request-receiver.ts";
import { StreamBytes } from "./stream-bytes.ts";

const STATS = HCM_STATS.at;

/**
 * One downstream HTTP connection: feeds the codec, owns the stream that is under way, and decides when the connection is
 * used again and when it ends. HTTP/1 has one stream at a time; bytes of the next request wait.
 */
export class HttpConnection implements NetworkFilter {
  readonly connection: Connection;
  readonly downstream: DownstreamInfo;
  readonly manager: ConnectionManager;
  readonly bytes: StreamBytes;
  /** Made with the first byte: an idle connection costs no parser. */
  #codec: Http1ServerCodec | null = null;
  #stream: ActiveStream | null = null;
  /** Bytes that came while a request was under way; reading pauses as long as there are any. */
  #rest: Buffer | null = null;
  #dispatching = false;
  /** The client does not read what is written: no further request is begun. */
  #outputBlocked = false;
  #failed = false;
  readonly #reuse: ConnectionReuse;
  readonly #timers: ConnectionTimers = new ConnectionTimers(this);

  constructor(manager: ConnectionManager, callbacks: NetworkFilterCallbacks) {
    this.manager = manager;
    this.#reuse = new ConnectionReuse(this, callbacks);
    this.connection = callbacks.connection;
    this.downstream = callbacks.downstream;
    this.bytes = new StreamBytes(callbacks.connection);
  }

  get config(): HttpConnectionManagerConfig {
    return this.manager.config;
  }

  get worker(): WorkerContext {
    return this.manager.services.worker;
  }

  get hasCodec(): boolean {
    return this.#codec !== null;
  }

  /** A request is under way. */
  get hasStream(): boolean {
    return this.#stream !== null;
  }

  /** A request that begins now is the last one. */
  get softDraining(): boolean {
    return this.#timers.softDraining;
  }

  get filters(): readonly FilterSlot[] {
    return this.manager.filters;
  }

  count(stat: keyof typeof STATS, by = 1): void {
    this.manager.slots[this.manager.base + STATS[stat]]! += by;
  }

  // The socket.

  onNewConnection(): NetworkStatus {
    this.manager.countConnection();
    this.#timers.start();
    return NetworkStatus.Continue;
  }

  onData(buffer: Buffer, start: number, end: number): NetworkStatus {
    if (this.#codec === null) {
      this.#codec = new Http1ServerCodec(new RequestReceiver(this), this.manager.http1);
      this.manager.countCodec();
    }
    this.count("downstream_cx_rx_bytes_total", end - start);
    this.#dispatch(buffer, start, end, false);
    return NetworkStatus.StopIteration;
  }

  onEndStream(): void {}

  onClose(reason: CloseReason): void {
    this.#timers.cancelAll();
    const active = this.#stream;
    if (this.connection.lingerExpired) this.count("downstream_cx_delayed_close_timeout");
    this.manager.countClose(this.connection, reason, active !== null, this.#codec !== null);
    if (active === null) return;
    if (reason !== "local") {
      active.streamInfo.responseFlags |= ResponseFlag.DownstreamConnectionTermination;
      active.streamInfo.responseCodeDetails = "downstream_remote_disconnect";
    }
    this.count("downstream_rq_rx_reset");
    this.#end(active, false);
  }

  onAboveWriteBufferHighWatermark(): void {
    this.#outputBlocked = true;
    this.#stream?.watermarkCallbacks?.onAboveWriteBufferHighWatermark();
  }

  onBelowWriteBufferLowWatermark(): void {
    this.#outputBlocked = false;
    this.#stream?.watermarkCallbacks?.onBelowWriteBufferLowWatermark();
    if (this.#rest !== null && this.#stream === null) this.#dispatchRest();
  }

  /** request_headers_timeout passed inside a head. */
  onHeadTimeout(): void {
    this.count("downstream_rq_header_timeout");
    this.#failedStream().sendLocalReply(408, "request header timeout", "request_header_timeout");
  }

  // The request, from the codec.

  onRequestHeaders(headers: HeaderMap, endStream: boolean): void {
    this.#timers.cancelHead();
    const codec = this.#codec!;
    const stream = this.#stream ?? this.#newStream();
    const info = stream.streamInfo;
    const { request } = codec;
    if (request.http10) info.protocol = "HTTP/1.0";
    info.downstreamHeaderBytesReceived = request.headerBytes;
    cleanHead(this, stream, request, headers);
    this.#reuse.onRequestHead(codec, stream);
    try {
      stream.decodeHeaders(headers, endStream);
    } catch (error) {
      this.onException(stream, error);
    }
  }

  onRequestData(data: Buffer, endStream: boolean): void {
    const stream = this.#stream;
    if (stream === null) return;
    try {
      stream.decodeData(data, endStream);
    } catch (error) {
      this.onException(stream, error);
    }
  }

  onRequestTrailers(trailers: HeaderMap): void {
    const stream = this.#stream;
    if (stream === null) return;
    const { trailerBytes, trailersDropped } = this.#codec!;
    stream.streamInfo.addRequestTrailers(trailerBytes);
    if (trailersDropped > 0)
      this.manager.countHttp1("dropped_headers_with_underscores", trailersDropped);
    try {
      stream.decodeTrailers(trailers);
    } catch (error) {
      this.onException(stream, error);
    }
  }

  onRequestError(error: CodecError): void {
    this.count("downstream_cx_protocol_error");
    if (error === Http1Error.UnexpectedUnderscore) {
      this.manager.countHttp1("requests_rejected_with_underscores_in_headers");
    }
    this.#failed = true;
    const stream = this.#failedStream();
    const info = stream.streamInfo;
    if (stream.requestHeaders === null)
      info.downstreamHeaderBytesReceived = this.#codec!.request.headerBytes;
    info.responseFlags |= ResponseFlag.DownstreamProtocolError;
    if (stream.responseStarted) stream.resetStream(error.code);
    else stream.sendLocalReply(error.status, error.reply, error.code);
  }

  // What the stream asks for.

  /** Checks the head and applies the header rules; false when the request was answered from here. */
  prepareRequest(stream: ActiveStream, headers: HeaderMap): boolean {
    return prepareRequest(this, stream, headers, this.#codec!.request);
  }

  /** Bytes behind the request's head are another protocol's from here on. */
  acceptUpgrade(): void {
    this.manager.countUpgrade();
    this.#codec!.acceptUpgrade();
  }

  matchRoute(stream: ActiveStream): RouteEntry | null {
    return this.manager.routeTable.match(stream.requestHeaders!, stream.streamInfo, stream.random);
  }

  onLocalReply(status: number): void {
    this.#reuse.onLocalReply(this.#codec!, status);
  }

  sendHeaders(stream: ActiveStream, headers: HeaderMap, endStream: boolean): void {
    const { manager } = this;
    const codec = this.#codec!;
    this.#reuse.onResponseHead(codec, stream, this.#timers.draining);
    manager.responseRules.apply(
      headers,
      stream.requestHeaders,
      stream.internalRequest,
      this.worker.wallMs(),
      stream.streamInfo,
      codec.keepAlive,
    );
    manager.countResponse(stream, headers.status);
    codec.encodeHeaders(this.connection, headers, endStream);
    stream.streamInfo.downstreamHeaderBytesSent = codec.headerBytesSent;
  }

  sendData(data: Buffer, endStream: boolean): void {
    this.#codec!.encodeData(this.connection, data, endStream);
  }

  sendTrailers(trailers: HeaderMap): void {
    this.#codec!.encodeTrailers(this.connection, trailers);
    this.#stream!.streamInfo.downstreamHeaderBytesSent = this.#codec!.headerBytesSent;
  }

  send1xx(headers: HeaderMap): void {
    this.manager.countResponse(this.#stream!, headers.status);
    this.#codec!.encode1xxHeaders(this.connection, headers);
  }

  pushBack(on: boolean): void {
    this.count(`downstream_flow_control_${on ? "paused" : "resumed"}_reading_total`);
    this.connection.readDisable(on);
  }

  onResponseComplete(stream: ActiveStream): void {
    if (this.#stream !== stream) return;
    // What is left of the request is not waited for: to Envoy that is a reset.
    if (!stream.requestComplete) this.count("downstream_rq_rx_reset");
    this.#end(stream, true);
    if (!this.#codec!.keepAlive) {
      const nothingFollows = !this.#dispatching && this.#reuse.nothingFollows(this.#codec!, stream);
      this.connection.closeAfterFlush(nothingFollows ? 0 : this.config.delayedCloseTimeoutMs);
      return;
    }
    if (this.#timers.drained) {
      this.connection.closeAfterFlush(this.config.delayedCloseTimeoutMs);
      return;
    }
    this.#timers.armIdle();
    // In the middle of a dispatch it is the dispatch that goes on.
    if (this.#dispatching) return;
    this.#codec!.nextRequest();
    if (this.#rest !== null && !this.#outputBlocked) this.#dispatchRest();
  }

  onStreamReset(stream: ActiveStream): void {
    if (this.#stream !== stream) return;
    this.count("downstream_rq_tx_reset");
    // Envoy counts both for a reset of its own.
    this.count("downstream_rq_rx_reset");
    this.#end(stream, false);
    this.connection.closeAfterFlush(this.config.delayedCloseTimeoutMs);
  }

  // Input.

  /** `owned`: the buffer is ours to keep. */
  #dispatch(buffer: Buffer, start: number, end: number, owned: boolean): void {
    if (this.#rest !== null) {
      this.#rest = Buffer.concat([this.#rest, buffer.subarray(start, end)]);
      return;
    }
    const codec = this.#codec!;
    this.#dispatching = true;
    const at = this.#readRequests(codec, buffer, start, end);
    this.#dispatching = false;
    if (this.connection.closing || this.#failed) return;
    if (this.#stream === null) codec.nextRequest();
    if (at < end) {
      const rest = buffer.subarray(at, end);
      this.#keepRest(owned ? rest : Buffer.from(rest));
    } else if (this.#stream === null && codec.insideHead) {
      this.#beginRequest();
    }
  }

  /** One request after the other, as long as they are answered at once and the answers are read. */
  #readRequests(codec: Http1ServerCodec, buffer: Buffer, start: number, end: number): number {
    let at = start;
    while (at < end && !this.connection.closing && !this.#failed) {
      if (this.#stream === null) {
        codec.nextRequest();
        if (this.#outputBlocked) break;
      }
      this.bytes.onReceived(end - at);
      const taken = codec.execute(buffer, at, end);
      at += taken;
      if (taken === 0 || (this.#stream !== null && this.#stream.requestComplete)) break;
    }
    return at;
  }

  /** A pipelined request waits for its turn, and its sender with it. */
  #keepRest(rest: Buffer): void {
    this.#rest = rest;
    this.connection.readDisable(true);
  }

  #dispatchRest(): void {
    const rest = this.#rest!;
    this.#rest = null;
    this.connection.readDisable(false);
    this.#dispatch(rest, 0, rest.length, true);
  }

  /** A head came in part: its stream exists from the first byte on, for timeouts and for the log. */
  #beginRequest(): void {
    this.#newStream().armTimers(false);
    this.#timers.armHead();
  }

  /** A new stream for the same request; its bytes are counted on, and it counts as a request of its own. */
  replaceStream(old: ActiveStream): ActiveStream {
    this.#end(old, true);
    this.bytes.resume(old.streamInfo);
    const stream = this.#newStream();
    this.#reuse.onReplacedStream(this.#codec!);
    return stream;
  }

  #newStream(): ActiveStream {
    this.manager.countRequest();
    this.#reuse.onStream();
    return (this.#stream = new ActiveStream(this));
  }

  /** The stream that a failure belongs to; a fresh one without headers when no head was complete. */
  #failedStream(): ActiveStream {
    this.#failed = true;
    return this.#stream ?? this.#newStream();
  }

  #end(stream: ActiveStream, completed: boolean): void {
    this.#stream = null;
    if (stream.streamInfo.upgradeType !== "") this.count("downstream_cx_upgrades_active", -1);
    this.#timers.cancelHead();
    this.bytes.end(stream.streamInfo);
    this.count("downstream_cx_tx_bytes_total", stream.streamInfo.downstreamWireBytesSent);
    stream.destroy();
    this.manager.completeRequest(stream, completed);
  }

  onException(stream: ActiveStream, error: unknown): void {
    this.manager.onFilterException(error);
    if (stream.destroyed) return;
    if (stream.responseStarted) stream.resetStream("filter_exception");
    else stream.sendLocalReply(500, "", "filter_exception");
  }
}
