import { Http1Error, Http1ServerCodec, type CodecError, type HeaderMap } from "@nuncio/codec";
import type { NetworkFilterCallbacks } from "../../../network/filter.ts";
import { ResponseFlag, type StreamInfo } from "../../../observe/stream-info.ts";
import { ShedPoint } from "../../../overload/points.ts";
import type { CloseReason } from "../../../transport/connection.ts";
import type { LoopTask } from "../../../transport/io-loop.ts";
import { ActiveStream } from "../active-stream.ts";
import type { HttpConnection } from "../http-connection.ts";
import { RequestBudget } from "../request-budget.ts";
import { requestLimitsNow } from "../request-limits.ts";
import type { DownstreamSession, DownstreamStream, RequestFacts } from "../session.ts";
import { cleanHead } from "./clean-head.ts";
import { ConnectionReuse } from "./connection-reuse.ts";
import { RequestReceiver } from "./request-receiver.ts";
import { StreamBytes } from "./stream-bytes.ts";

/**
 * HTTP/1 on one downstream connection: feeds the codec, owns the stream that is under way, and decides when the connection
 * is used again and when it ends. There is one stream at a time; bytes of the next request wait.
 */
export class Http1Session implements DownstreamSession, DownstreamStream, LoopTask {
  readonly protocol = "http1";
  readonly protocolText = "HTTP/1.1";
  readonly #connection: HttpConnection;
  readonly #codec: Http1ServerCodec;
  readonly #bytes: StreamBytes;
  readonly #reuse: ConnectionReuse;
  readonly #budget: RequestBudget;
  #stream: ActiveStream | null = null;
  /** Bytes that came while a request was under way; reading pauses as long as there are any. */
  #rest: Buffer | null = null;
  #dispatching = false;
  /** The client does not read what is written: no further request is begun. */
  #outputBlocked = false;
  #failed = false;
  /** The next response says that it is the last one. */
  #draining = false;
  /** No further response is waited for. */
  #drained = false;

  constructor(connection: HttpConnection, callbacks: NetworkFilterCallbacks) {
    this.#connection = connection;
    this.#codec = new Http1ServerCodec(new RequestReceiver(this), connection.manager.http1);
    this.#bytes = new StreamBytes(connection.socket);
    this.#reuse = new ConnectionReuse(connection, callbacks);
    const { config, worker } = connection;
    const limits = requestLimitsNow(config.requestLimits, worker.runtime);
    this.#budget = new RequestBudget(limits.maxRequestsPerIoCycle);
  }

  get request(): RequestFacts {
    return this.#codec.request;
  }

  get outputBlocks(): number {
    return this.#outputBlocked ? 1 : 0;
  }

  get hasStreams(): boolean {
    return this.#stream !== null;
  }

  // The socket.

  onData(buffer: Buffer, start: number, end: number): void {
    const { overload } = this.#connection.manager.services;
    if (overload.sheds(ShedPoint.Http1ServerAbortDispatch)) {
      this.#abortForOverload();
      return;
    }
    this.#budget.onRead(buffer, end);
    this.#dispatch(buffer, start, end, false);
  }

  /** The other connections had their turn. */
  onTurn(): void {
    if (this.#rest === null || this.#stream !== null || this.#outputBlocked) return;
    const { socket } = this.#connection;
    if (socket.closing) return;
    try {
      this.#dispatchRest();
    } catch (error) {
      socket.context.loop.onException(error);
      socket.close("local", true);
    }
  }

  onClose(reason: CloseReason): void {
    const active = this.#stream;
    if (active === null) return;
    if (reason !== "local") {
      active.streamInfo.responseFlags |= ResponseFlag.DownstreamConnectionTermination;
      active.streamInfo.responseCodeDetails = "downstream_remote_disconnect";
    }
    this.#connection.count("downstream_rq_rx_reset");
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

  /** The codec knows it by itself. */
  onUpgradeRefused(): void {}

  onHeadTimeout(): void {
    this.#connection.count("downstream_rq_header_timeout");
    this.#failedStream().sendLocalReply(408, "request header timeout", "request_header_timeout");
  }

  /** Only a response could tell. */
  sayGoodbye(): void {}

  startDrain(): void {
    this.#draining = true;
  }

  finishDrain(): void {
    this.#drained = true;
    if (this.#stream === null) this.#connection.closeDelayed();
  }

  // The request, from the codec.

  onRequestHeaders(headers: HeaderMap, endStream: boolean): void {
    this.#connection.timers.cancelHead();
    this.#budget.onRequest();
    const codec = this.#codec;
    const stream = this.#stream ?? this.#newStream();
    const info = stream.streamInfo;
    const { request } = codec;
    if (request.http10) info.protocol = "HTTP/1.0";
    info.downstreamHeaderBytesReceived = request.headerBytes;
    cleanHead(this.#connection, stream, request, headers);
    this.#reuse.onRequestHead(codec, stream);
    try {
      stream.decodeHeaders(headers, endStream);
    } catch (error) {
      this.#connection.onException(stream, error);
    }
  }

  onRequestData(data: Buffer, endStream: boolean): void {
    const stream = this.#stream;
    if (stream === null) return;
    try {
      stream.decodeData(data, endStream);
    } catch (error) {
      this.#connection.onException(stream, error);
    }
  }

  onRequestTrailers(trailers: HeaderMap): void {
    const stream = this.#stream;
    if (stream === null) return;
    const { trailerBytes, trailersDropped } = this.#codec;
    stream.streamInfo.addRequestTrailers(trailerBytes);
    if (trailersDropped > 0)
      this.#connection.manager.countHttp1("dropped_headers_with_underscores", trailersDropped);
    try {
      stream.decodeTrailers(trailers);
    } catch (error) {
      this.#connection.onException(stream, error);
    }
  }

  onRequestError(error: CodecError): void {
    this.#connection.count("downstream_cx_protocol_error");
    if (error === Http1Error.UnexpectedUnderscore) {
      this.#connection.manager.countHttp1("requests_rejected_with_underscores_in_headers");
    }
    const stream = this.#failedStream();
    if (stream.requestHeaders === null)
      stream.streamInfo.downstreamHeaderBytesReceived = this.#codec.request.headerBytes;
    this.#fail(error.status, error.reply, error.code);
  }

  // What the stream asks for.

  acceptUpgrade(): void {
    this.#codec.acceptUpgrade();
  }

  onLocalReply(status: number): void {
    this.#reuse.onLocalReply(this.#codec, status);
  }

  sendHeaders(stream: ActiveStream, headers: HeaderMap, endStream: boolean): void {
    const codec = this.#codec;
    this.#reuse.onResponseHead(codec, stream, this.#draining);
    this.#connection.finishResponse(stream, headers, codec.keepAlive);
    codec.encodeHeaders(this.#connection.socket, headers, endStream);
    stream.streamInfo.downstreamHeaderBytesSent = codec.headerBytesSent;
  }

  sendData(data: Buffer, endStream: boolean): void {
    this.#codec.encodeData(this.#connection.socket, data, endStream);
  }

  sendTrailers(trailers: HeaderMap): void {
    this.#codec.encodeTrailers(this.#connection.socket, trailers);
    this.#stream!.streamInfo.downstreamHeaderBytesSent = this.#codec.headerBytesSent;
  }

  send1xx(headers: HeaderMap): void {
    this.#stream!.manager.countResponse(this.#stream!, headers.status);
    this.#codec.encode1xxHeaders(this.#connection.socket, headers);
  }

  pushBack(on: boolean): void {
    this.#connection.count(`downstream_flow_control_${on ? "paused" : "resumed"}_reading_total`);
    this.#connection.socket.readDisable(on);
  }

  onResponseComplete(stream: ActiveStream): void {
    if (this.#stream !== stream) return;
    // What is left of the request is not waited for: to Envoy that is a reset.
    if (!stream.requestComplete) this.#connection.count("downstream_rq_rx_reset");
    this.#end(stream, true);
    if (!this.#codec.keepAlive) {
      const nothingFollows = !this.#dispatching && this.#reuse.nothingFollows(this.#codec, stream);
      if (nothingFollows) this.#connection.closeFlushed();
      else this.#connection.closeDelayed();
      return;
    }
    if (this.#drained) {
      this.#connection.closeDelayed();
      return;
    }
    this.#connection.timers.armIdle();
    // In the middle of a dispatch it is the dispatch that goes on.
    if (this.#dispatching) return;
    this.#codec.nextRequest();
    if (this.#rest !== null && !this.#outputBlocked) this.#dispatchRest();
  }

  /** Nothing is held back here: what the client does not take is the socket's. */
  onFlushTimeout(): void {}

  onStreamReset(stream: ActiveStream): void {
    if (this.#stream !== stream) return;
    this.#connection.count("downstream_rq_tx_reset");
    // Envoy counts both for a reset of its own.
    this.#connection.count("downstream_rq_rx_reset");
    this.#end(stream, false);
    this.#connection.closeDelayed();
  }

  noteBytes(info: StreamInfo): void {
    this.#bytes.note(info);
  }

  replaceStream(old: ActiveStream): ActiveStream {
    this.#end(old, true);
    this.#bytes.resume(old.streamInfo);
    const stream = this.#newStream();
    this.#reuse.onReplacedStream(this.#codec);
    return stream;
  }

  // Input.

  /** `owned`: the buffer is ours to keep. */
  #dispatch(buffer: Buffer, start: number, end: number, owned: boolean): void {
    if (this.#rest !== null) {
      this.#rest = Buffer.concat([this.#rest, buffer.subarray(start, end)]);
      return;
    }
    const codec = this.#codec;
    this.#dispatching = true;
    const at = this.#readRequests(codec, buffer, start, end);
    this.#dispatching = false;
    if (this.#connection.socket.closing || this.#failed) return;
    if (this.#stream === null) codec.nextRequest();
    if (at < end) {
      const rest = buffer.subarray(at, end);
      this.#keepRest(owned ? rest : Buffer.from(rest));
    } else if (this.#stream === null && codec.insideHead) {
      this.#beginRequest();
    }
  }

  /** One request after the other, as long as they are answered at once, the answers are read, and others need not wait. */
  #readRequests(codec: Http1ServerCodec, buffer: Buffer, start: number, end: number): number {
    let at = start;
    while (at < end && !this.#connection.socket.closing && !this.#failed) {
      if (this.#stream === null) {
        codec.nextRequest();
        if (this.#outputBlocked || this.#budget.exhausted) break;
      }
      this.#bytes.onReceived(end - at);
      const taken = codec.execute(buffer, at, end);
      at += taken;
      if (taken === 0 || (this.#stream !== null && this.#stream.requestComplete)) break;
    }
    return at;
  }

  /** A pipelined request waits for its turn, and its sender with it. */
  #keepRest(rest: Buffer): void {
    this.#rest = rest;
    const { socket } = this.#connection;
    socket.readDisable(true);
    if (this.#stream === null && this.#budget.exhausted) socket.context.loop.soon(this);
  }

  #dispatchRest(): void {
    const rest = this.#rest!;
    this.#rest = null;
    this.#budget.renew();
    this.#connection.socket.readDisable(false);
    this.#dispatch(rest, 0, rest.length, true);
  }

  /** A head came in part: its stream exists from the first byte on, for timeouts and for the log. */
  #beginRequest(): void {
    this.#newStream().armTimers(false);
    this.#connection.timers.armHead();
  }

  #newStream(): ActiveStream {
    this.#connection.manager.countRequest("http1");
    this.#reuse.onStream();
    return (this.#stream = new ActiveStream(this.#connection, this));
  }

  #abortForOverload(): void {
    this.#connection.count("downstream_rq_overload_close");
    this.#connection.noteOverload();
    this.#fail(500, "Internal Server Error", "overload");
  }

  /** A request cannot be read on; without headers when no head was complete. */
  #fail(status: number, reply: string, details: string): void {
    const stream = this.#failedStream();
    stream.streamInfo.responseFlags |= ResponseFlag.DownstreamProtocolError;
    if (stream.responseStarted) stream.resetStream(details);
    else stream.sendLocalReply(status, reply, details);
  }

  /** The stream that a failure belongs to; a fresh one without headers when no head was complete. */
  #failedStream(): ActiveStream {
    this.#failed = true;
    return this.#stream ?? this.#newStream();
  }

  #end(stream: ActiveStream, completed: boolean): void {
    this.#stream = null;
    this.#connection.timers.cancelHead();
    this.#bytes.end(stream.streamInfo);
    this.#connection.count(
      "downstream_cx_tx_bytes_total",
      stream.streamInfo.downstreamWireBytesSent,
    );
    this.#connection.endStream(stream, completed);
  }
}
