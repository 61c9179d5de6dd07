import type { HeaderMap } from "../header-map.ts";
import type { Http2StreamCallbacks } from "./callbacks.ts";
import type { Http2Stream } from "./stream.ts";
import type { WaitingData } from "./waiting-data.ts";

/** What a stream asks of its connection. */
export interface StreamOwner {
  sendHeaders(stream: CodecStream, headers: HeaderMap, endStream: boolean): void;
  sendData(stream: CodecStream, data: Buffer, endStream: boolean): void;
  sendTrailers(stream: CodecStream, trailers: HeaderMap): void;
  resetStream(stream: CodecStream, code: number): void;
  resumeReading(stream: CodecStream): void;
}

/** The state of one stream. What happens to it is the business of its connection and of the send flow. */
export class CodecStream implements Http2Stream {
  id: number;
  callbacks: Http2StreamCallbacks;
  headerBytesReceived = 0;
  trailerBytesReceived = 0;
  wireBytesReceived = 0;
  headerBytesSent = 0;
  wireBytesSent = 0;
  localEnded = false;
  remoteEnded = false;
  closed = false;

  /** The peer's head came; what follows are data and trailers. */
  headersReceived = false;
  /** A request that says that it has no content, and goes on: kept until that is certain. */
  heldHeaders: HeaderMap | null = null;
  /** What `content-length` says of the content that comes; -1 when nothing. */
  contentLength = -1;
  contentReceived = 0;
  /** Client side: a response to it has no content whatever its headers say. */
  isHead = false;
  /** Client side: content follows a successful response whatever its headers say. */
  isConnect = false;
  interimResponses = 0;

  /** What the peer may still send, and what was read since the last WINDOW_UPDATE. */
  receiveWindow: number;
  consumedBytes = 0;
  readDisabled = 0;
  /** What was read while reading was disabled. */
  heldBackBytes = 0;

  /** What we may still send; below 0 after a setting was lowered (RFC 9113 6.9.2). */
  sendWindow: number;
  /** Data that waits, and what follows it. `null`: nothing waits. */
  waiting: WaitingData | null = null;
  waitingTrailers: HeaderMap | null = null;
  /** END_STREAM went out. */
  endSent = false;
  aboveHighWatermark = false;
  /** Streams that could send but for the connection's window are in a ring. */
  nextInRing: CodecStream | null = null;
  previousInRing: CodecStream | null = null;

  readonly #owner: StreamOwner;

  constructor(
    owner: StreamOwner,
    id: number,
    callbacks: Http2StreamCallbacks,
    receiveWindow: number,
    sendWindow: number,
  ) {
    this.#owner = owner;
    this.id = id;
    this.callbacks = callbacks;
    this.receiveWindow = receiveWindow;
    this.sendWindow = sendWindow;
  }

  get bufferedBytes(): number {
    return this.waiting === null ? 0 : this.waiting.bytes;
  }

  /** Both halves are over. */
  markClosed(): void {
    this.closed = true;
    this.localEnded = true;
    this.remoteEnded = true;
  }

  encode1xxHeaders(headers: HeaderMap): void {
    if (!this.localEnded) this.#owner.sendHeaders(this, headers, false);
  }

  encodeHeaders(headers: HeaderMap, endStream: boolean): void {
    if (!this.localEnded) this.#owner.sendHeaders(this, headers, endStream);
  }

  encodeData(data: Buffer, endStream: boolean): void {
    if (!this.localEnded) this.#owner.sendData(this, data, endStream);
  }

  encodeTrailers(trailers: HeaderMap): void {
    if (!this.localEnded) this.#owner.sendTrailers(this, trailers);
  }

  reset(code: number): void {
    if (!this.closed) this.#owner.resetStream(this, code);
  }

  readDisable(disable: boolean): void {
    if (disable) this.readDisabled++;
    else if (--this.readDisabled === 0 && this.heldBackBytes > 0) this.#owner.resumeReading(this);
  }
}
