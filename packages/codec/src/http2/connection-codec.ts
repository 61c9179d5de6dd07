import type { HeaderMap } from "../header-map.ts";
import type {
  Http2ConnectionCallbacks,
  Http2ConnectionError,
  Http2Counters,
  Http2ResetReason,
  Http2Sink,
} from "./callbacks.ts";
import { ClosedStreams } from "./closed-streams.ts";
import type { CodecStream, StreamOwner } from "./codec-stream.ts";
import { ConnectionErrors } from "./connection-errors.ts";
import { Http2ErrorCode } from "./error-codes.ts";
import { FrameReader } from "./frame-reader.ts";
import { FrameWriter } from "./frame-writer.ts";
import { MAX_STREAM_ID } from "./frames.ts";
import { InboundLimits } from "./inbound-limits.ts";
import type { Http2Options } from "./options.ts";
import { ReceiveFlow } from "./receive-flow.ts";
import { SendFlow } from "./send-flow.ts";
import { PeerSettings, settingsFrame } from "./settings.ts";
import { type StreamFault, StreamFaults } from "./stream-fault.ts";
import { StreamTable } from "./stream-table.ts";

/** A RST_STREAM frame, its head included. */
export const RST_STREAM_BYTES = 13;
/** Any eight octets that tell our PING from others. */
const PING_OPAQUE = "nuncio.1";

/** What both sides of a connection have in common, but for what is read: its streams, what is written, and how it ends. */
export abstract class ConnectionCodec extends FrameReader implements StreamOwner {
  /** Monotonic milliseconds. The owner sets it before `execute`; limits by time ask it. */
  nowMs = 0;
  /** What the peer announced, or the protocol's defaults. */
  readonly peerSettings = new PeerSettings();

  protected readonly server: boolean;
  protected readonly callbacks: Http2ConnectionCallbacks;
  protected readonly options: Http2Options;
  protected readonly counters: Http2Counters;
  protected readonly writer: FrameWriter;
  protected readonly sendFlow: SendFlow;
  protected readonly receiveFlow: ReceiveFlow;
  protected readonly limits: InboundLimits;
  protected readonly closedStreams = new ClosedStreams();
  /** Streams that are open or half closed, by id. */
  protected readonly streams = new StreamTable();
  /** The peer said that it takes no new streams. */
  protected goAwayReceived = false;
  /** The last GOAWAY of ours named a last stream: no others are taken. */
  protected goAwaySent = false;
  /** What the last GOAWAY named. The next one may not name more (RFC 9113 6.8). */
  #namedStreamId: number = MAX_STREAM_ID;

  constructor(
    sink: Http2Sink,
    callbacks: Http2ConnectionCallbacks,
    options: Http2Options,
    counters: Http2Counters,
    preface: string,
    server: boolean,
  ) {
    super(server);
    this.server = server;
    this.callbacks = callbacks;
    this.options = options;
    this.counters = counters;
    this.writer = new FrameWriter(sink, this.peerSettings, options);
    this.sendFlow = new SendFlow(this.writer, this.peerSettings, options, counters, this);
    this.receiveFlow = new ReceiveFlow(this.writer, options);
    this.limits = new InboundLimits(options, counters);
    this.writer.raw(preface + settingsFrame(options, server));
    this.receiveFlow.start();
  }

  /** The last stream that the peer opened; on the client side 0. */
  protected abstract get lastPeerStreamId(): number;

  /** Streams that are not closed. */
  get activeStreams(): number {
    return this.streams.size;
  }

  /** The connection ended by an error, or by `terminate`. */
  get ended(): boolean {
    return this.stopped;
  }

  /** Sends a PING; `onPingAck` tells of the answer. */
  ping(): void {
    if (!this.stopped) this.writer.ping(PING_OPAQUE, false);
  }

  /**
   * The first half of a graceful end (RFC 9113 6.8): says that the connection is about to close, and takes what the peer
   * sends meanwhile. `goAway` follows.
   */
  shutdownNotice(): void {
    if (!this.stopped) this.#sendGoAway(MAX_STREAM_ID, Http2ErrorCode.NoError);
  }

  /** Names the last stream that is served. Later ones are refused, so that the peer can try them elsewhere. */
  goAway(code: number = Http2ErrorCode.NoError): void {
    if (this.stopped) return;
    this.goAwaySent = true;
    this.#sendGoAway(this.lastPeerStreamId, code);
  }

  /** The transport is gone, or about to be closed by the owner: all streams are reset, nothing is written. */
  terminate(details = ""): void {
    if (this.stopped) return;
    this.stopped = true;
    this.resetAll("connection_termination", details);
  }

  sendHeaders(stream: CodecStream, headers: HeaderMap, endStream: boolean): void {
    this.writer.headers(stream, headers, endStream);
    if (!endStream) return;
    stream.localEnded = true;
    stream.endSent = true;
    this.onEndSent(stream);
  }

  sendData(stream: CodecStream, data: Buffer, endStream: boolean): void {
    if (endStream) stream.localEnded = true;
    this.sendFlow.data(stream, data, endStream);
    if (stream.endSent) this.onEndSent(stream);
  }

  sendTrailers(stream: CodecStream, trailers: HeaderMap): void {
    stream.localEnded = true;
    this.sendFlow.trailers(stream, trailers);
    if (stream.endSent) this.onEndSent(stream);
  }

  resetStream(stream: CodecStream, code: number): void {
    this.#forget(stream);
    this.#resetForgotten(stream, code);
    this.callbacks.onStreamClosed(stream);
  }

  resumeReading(stream: CodecStream): void {
    if (!this.stopped) this.receiveFlow.release(stream);
  }

  onEndSent(stream: CodecStream): void {
    // The write that it went with may have failed, and ended the connection.
    if (stream.closed) return;
    stream.callbacks.onEndSent();
    if (stream.remoteEnded && !stream.closed) this.closeEnded(stream);
  }

  /** The peer's half of a stream ended, and that was told. */
  protected onRemoteEnd(stream: CodecStream): void {
    if (stream.endSent && !stream.closed) this.closeEnded(stream);
  }

  /** The stream exists from here on. */
  protected addStream(stream: CodecStream): void {
    this.streams.add(stream);
    this.limits.openedStreams++;
    this.counters.add("streams_active", 1);
  }

  /** Both halves ended. */
  protected closeEnded(stream: CodecStream): void {
    this.closedStreams.noteEnded(stream.id);
    this.#forget(stream);
    this.callbacks.onStreamClosed(stream);
  }

  /** The peer reset the stream, or will never answer it. */
  protected closeByPeer(stream: CodecStream, reason: Http2ResetReason, details: string): void {
    this.closedStreams.noteEnded(stream.id);
    this.#forget(stream);
    stream.callbacks.onReset(reason, details);
    this.callbacks.onStreamClosed(stream);
  }

  /** The peer did something wrong on one stream. Returns false when the connection ends because of it. */
  protected failStream(stream: CodecStream, fault: StreamFault): boolean {
    if (fault.counter !== null) this.counters.add(fault.counter, 1);
    const error = this.#errorOf(fault);
    this.#forget(stream);
    if (error === null) this.#resetForgotten(stream, fault.code);
    else this.#beginEnd(error);
    stream.callbacks.onReset(fault.reason, fault.details);
    this.callbacks.onStreamClosed(stream);
    if (error !== null) this.resetAll("protocol_error", ConnectionErrors.Protocol.details);
    return !this.stopped;
  }

  /** Null when only the stream ends. */
  #errorOf(fault: StreamFault): Http2ConnectionError | null {
    if (!fault.invalidMessage || this.options.overrideStreamErrorOnInvalidHttpMessage)
      return this.limits.ownReset(this.nowMs);
    return fault === StreamFaults.InvalidHeaderField
      ? ConnectionErrors.InvalidHeaderField
      : ConnectionErrors.MessagingRule;
  }

  /** Ends the connection: GOAWAY, and all streams are reset. Always false, so that it can be returned. */
  protected fail(error: Http2ConnectionError): false {
    if (this.#beginEnd(error)) this.resetAll("protocol_error", error.details);
    return false;
  }

  /** Tells every stream that the connection is gone, the newest first, as Envoy does. */
  protected resetAll(reason: Http2ResetReason, details: string): void {
    for (const stream of this.streams.list().sort((a, b) => b.id - a.id)) {
      // Who is told of one may reset another.
      if (stream.closed) continue;
      this.#forget(stream);
      stream.callbacks.onReset(reason, details);
      this.callbacks.onStreamClosed(stream);
    }
  }

  protected override onFramingError(): void {
    this.fail(ConnectionErrors.Protocol);
  }

  protected writeReset(streamId: number, code: number): void {
    if (this.stopped) return;
    this.counters.add("tx_reset", 1);
    this.closedStreams.noteReset(streamId);
    this.writer.rstStream(streamId, code);
  }

  /** Whether a PING's answer is one to ours. */
  protected isOurPing(opaque: string): boolean {
    return opaque === PING_OPAQUE;
  }

  /** False when the connection had ended before. */
  #beginEnd(error: Http2ConnectionError): boolean {
    if (this.stopped) return false;
    this.stopped = true;
    this.#sendGoAway(this.lastPeerStreamId, error.code);
    this.callbacks.onConnectionError(error);
    return true;
  }

  /** Behind `#forget`: a write may fail, which ends the connection with all streams that it has then. */
  #resetForgotten(stream: CodecStream, code: number): void {
    stream.wireBytesSent += RST_STREAM_BYTES;
    this.writeReset(stream.id, code);
  }

  #forget(stream: CodecStream): void {
    stream.markClosed();
    this.streams.remove(stream);
    this.counters.add("streams_active", -1);
    this.sendFlow.drop(stream);
    if (!this.stopped) this.receiveFlow.release(stream);
  }

  #sendGoAway(lastStreamId: number, code: number): void {
    this.counters.add("goaway_sent", 1);
    this.#namedStreamId = Math.min(lastStreamId, this.#namedStreamId);
    this.writer.goAway(this.#namedStreamId, code);
  }
}
