import type { HeaderMap } from "../header-map.ts";
import type {
  Http2ConnectionCallbacks,
  Http2Counters,
  Http2ResetReason,
  Http2Sink,
  Http2StreamCallbacks,
} from "./callbacks.ts";
import { CodecStream } from "./codec-stream.ts";
import { ConnectionErrors } from "./connection-errors.ts";
import { CLIENT_PREFACE, MAX_STREAM_ID } from "./frames.ts";
import type { Http2Options } from "./options.ts";
import { ReceivingCodec } from "./receiving-codec.ts";
import { type StreamFault, StreamFaults } from "./stream-fault.ts";
import type { Http2Stream } from "./stream.ts";

/** The client's side of one HTTP/2 connection (RFC 9113). The constructor writes the preface and our SETTINGS. */
export class Http2ClientCodec extends ReceivingCodec {
  #nextStreamId = 1;
  /** What the peer's last GOAWAY named. */
  #servedStreamId: number = MAX_STREAM_ID;
  /** Streams whose request has not been sent yet. */
  readonly #unstarted: CodecStream[] = [];

  constructor(
    sink: Http2Sink,
    callbacks: Http2ConnectionCallbacks,
    options: Http2Options,
    counters: Http2Counters,
  ) {
    super(sink, callbacks, options, counters, CLIENT_PREFACE, false);
  }

  override get activeStreams(): number {
    return this.streams.size + this.#unstarted.length;
  }

  /** A request may be sent now: the connection goes on, has stream ids left, and the peer's limit and ours are not reached. */
  get canOpenStream(): boolean {
    return (
      !this.stopped &&
      !this.goAwayReceived &&
      this.activeStreams <
        Math.min(this.peerSettings.maxConcurrentStreams, this.options.maxConcurrentStreams) &&
      this.#nextStreamId + 2 * this.#unstarted.length <= MAX_STREAM_ID
    );
  }

  /** No id is left, or the peer takes no more: the connection ends with its streams. */
  get isExhausted(): boolean {
    return this.stopped || this.goAwayReceived || this.#nextStreamId > MAX_STREAM_ID;
  }

  /**
   * A stream for one request; it gets its id with `encodeHeaders`. Only when `canOpenStream`; otherwise the stream is closed
   * from the beginning, and nobody is told.
   */
  newStream(callbacks: Http2StreamCallbacks): Http2Stream {
    const stream = new CodecStream(this, 0, callbacks, 0, 0);
    if (this.canOpenStream) this.#unstarted.push(stream);
    else stream.markClosed();
    return stream;
  }

  override sendHeaders(stream: CodecStream, headers: HeaderMap, endStream: boolean): void {
    if (stream.id === 0) this.#start(stream, headers);
    super.sendHeaders(stream, headers, endStream);
  }

  override resetStream(stream: CodecStream, code: number): void {
    if (stream.id !== 0) {
      super.resetStream(stream, code);
      return;
    }
    this.#removeUnstarted(stream);
    stream.markClosed();
    this.callbacks.onStreamClosed(stream);
  }

  protected override get lastPeerStreamId(): number {
    return 0;
  }

  protected override isIdle(streamId: number): boolean {
    return (streamId & 1) === 0 || streamId >= this.#nextStreamId;
  }

  protected override openStream(): false {
    // Servers open none but by server push, which we do not take.
    return this.fail(ConnectionErrors.Protocol);
  }

  protected override resetAll(reason: Http2ResetReason, details: string): void {
    super.resetAll(reason, details);
    this.#resetUnstarted(reason, details);
  }

  #resetUnstarted(reason: Http2ResetReason, details: string): void {
    for (const stream of this.#unstarted.splice(0)) {
      stream.markClosed();
      stream.callbacks.onReset(reason, details);
      this.callbacks.onStreamClosed(stream);
    }
  }

  protected override onHead(
    stream: CodecStream,
    headers: HeaderMap,
    contentLength: number,
    endStream: boolean,
  ): StreamFault | null {
    const { status } = headers;
    if (status < 200) {
      // No switch of protocols in HTTP/2 (RFC 9113 8.6), and the final response is still to come.
      if (endStream || status === 101) return StreamFaults.MessagingRule;
      if (++stream.interimResponses > this.options.maxInterimResponses)
        return StreamFaults.MessagingRule;
      stream.callbacks.on1xxHeaders(headers);
      return null;
    }
    stream.headersReceived = true;
    if (stream.isHead || status === 204 || status === 304) {
      stream.contentLength = 0;
    } else {
      stream.contentLength = stream.isConnect && status < 300 ? -1 : contentLength;
      if (endStream && stream.contentLength > 0) return StreamFaults.MessagingRule;
    }
    if (endStream) stream.remoteEnded = true;
    stream.callbacks.onHeaders(headers, endStream);
    return null;
  }

  protected override onGoAway(lastStreamId: number): void {
    // No new streams, whatever the peer would serve, and those behind the last one were not looked at: all of them can be
    // sent again elsewhere (RFC 9113 6.8).
    if (lastStreamId < this.#servedStreamId) {
      this.#servedStreamId = lastStreamId;
      for (const stream of this.streams.list()) {
        if (stream.id > lastStreamId && !stream.closed)
          this.closeByPeer(stream, REFUSED, REFUSED_DETAILS);
      }
    }
    this.#resetUnstarted(REFUSED, REFUSED_DETAILS);
  }

  #start(stream: CodecStream, headers: HeaderMap): void {
    this.#removeUnstarted(stream);
    stream.id = this.#nextStreamId;
    this.#nextStreamId += 2;
    stream.isHead = headers.method === "HEAD";
    stream.isConnect = headers.method === "CONNECT";
    stream.receiveWindow = this.receiveFlow.streamWindow;
    stream.sendWindow = this.peerSettings.initialWindowBytes;
    this.addStream(stream);
  }

  #removeUnstarted(stream: CodecStream): void {
    const unstarted = this.#unstarted;
    if (unstarted.at(-1) === stream) unstarted.pop();
    else unstarted.splice(unstarted.indexOf(stream), 1);
  }
}

const REFUSED: Http2ResetReason = "remote_refused_stream_reset";
const REFUSED_DETAILS = "http2.remote_refuse";
