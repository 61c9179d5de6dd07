import type { HeaderMap } from "../header-map.ts";
import type { Http2Counters } from "./callbacks.ts";
import type { CodecStream } from "./codec-stream.ts";
import type { FrameWriter } from "./frame-writer.ts";
import { DEFAULT_WINDOW_BYTES, MAX_WINDOW_BYTES } from "./frames.ts";
import type { Http2Options } from "./options.ts";
import type { PeerSettings } from "./settings.ts";
import { WaitingData } from "./waiting-data.ts";

export interface SendFlowOwner {
  /** END_STREAM of a stream went out behind data that had to wait. */
  onEndSent(stream: CodecStream): void;
}

/**
 * Lets data out as far as the peer's windows allow (RFC 9113 5.2). What they do not allow yet is copied and waits at its
 * stream; when the connection's window opens, streams that wait send one frame each in turn.
 */
export class SendFlow {
  /** What the connection may still send. */
  window: number = DEFAULT_WINDOW_BYTES;
  readonly #writer: FrameWriter;
  readonly #peer: PeerSettings;
  readonly #options: Http2Options;
  /** What waits, of all streams. */
  #waitingBytes = 0;
  readonly #counters: Http2Counters;
  readonly #owner: SendFlowOwner;
  /** The stream whose turn it is; the ring goes on with its `nextInRing`. */
  #turn: CodecStream | null = null;

  constructor(
    writer: FrameWriter,
    peer: PeerSettings,
    options: Http2Options,
    counters: Http2Counters,
    owner: SendFlowOwner,
  ) {
    this.#writer = writer;
    this.#peer = peer;
    this.#options = options;
    this.#counters = counters;
    this.#owner = owner;
  }

  /** Sends data, or as much of it as may go. Sets `endSent` when END_STREAM went with it. */
  data(stream: CodecStream, data: Buffer, endStream: boolean): void {
    const { length } = data;
    if (stream.waiting !== null) {
      if (length > 0) this.#wait(stream, data);
      return;
    }
    const allowed = Math.max(0, Math.min(length, stream.sendWindow, this.window));
    const isWhole = allowed === length;
    stream.sendWindow -= allowed;
    this.window -= allowed;
    if (allowed > 0 || (endStream && isWhole))
      this.#send(stream, isWhole ? data : data.subarray(0, allowed), endStream && isWhole);
    // Not when the write failed, and the stream ended with the connection.
    if (!isWhole && !stream.closed) this.#wait(stream, data.subarray(allowed));
  }

  #send(stream: CodecStream, data: Buffer, last: boolean): void {
    this.#writer.data(stream, data, last);
    if (last) stream.endSent = true;
  }

  /** Sends trailers, behind what waits. Sets `endSent` when they went out. */
  trailers(stream: CodecStream, trailers: HeaderMap): void {
    if (stream.waiting !== null) {
      stream.waitingTrailers = trailers;
      return;
    }
    this.#end(stream, trailers);
  }

  /** A WINDOW_UPDATE of the connection. False when the window is too large then. */
  grow(increment: number): boolean {
    if (this.window + increment > MAX_WINDOW_BYTES) return false;
    this.window += increment;
    this.#drain();
    return true;
  }

  /** Another initial window (RFC 9113 6.9.2): all streams' windows change by the difference. False when one is too large then. */
  growAll(streams: Iterable<CodecStream>, increment: number): boolean {
    for (const stream of streams) {
      stream.sendWindow += increment;
      if (stream.sendWindow > MAX_WINDOW_BYTES) return false;
      if (stream.waiting === null) continue;
      if (stream.sendWindow > 0) this.#join(stream);
      else this.#leave(stream);
    }
    this.#drain();
    return true;
  }

  /** A WINDOW_UPDATE of a stream. False when the window is too large then. */
  growStream(stream: CodecStream, increment: number): boolean {
    if (stream.sendWindow + increment > MAX_WINDOW_BYTES) return false;
    stream.sendWindow += increment;
    if (stream.waiting !== null && stream.sendWindow > 0) {
      this.#join(stream);
      this.#drain();
    }
    return true;
  }

  /** The stream is gone, and what waited with it. */
  drop(stream: CodecStream): void {
    if (stream.waiting === null) return;
    this.#countWaiting(-stream.bufferedBytes);
    stream.waiting = null;
    stream.waitingTrailers = null;
    this.#leave(stream);
  }

  /** Of one stream: who lets many wait gets less for each (CVE-2019-9511). */
  #highWatermarkBytes(): number {
    const { streamBufferLimitBytes, connectionBufferLimitBytes, crowdedStreamBufferLimitBytes } =
      this.#options;
    return this.#waitingBytes > connectionBufferLimitBytes
      ? Math.min(streamBufferLimitBytes, crowdedStreamBufferLimitBytes)
      : streamBufferLimitBytes;
  }

  #countWaiting(bytes: number): void {
    this.#waitingBytes += bytes;
    this.#counters.add("pending_send_bytes", bytes);
  }

  #wait(stream: CodecStream, data: Buffer): void {
    (stream.waiting ??= new WaitingData()).add(data);
    this.#countWaiting(data.length);
    if (stream.sendWindow > 0) this.#join(stream);
    if (!stream.aboveHighWatermark && stream.bufferedBytes > this.#highWatermarkBytes()) {
      stream.aboveHighWatermark = true;
      stream.callbacks.onAboveWriteBufferHighWatermark();
    }
  }

  #drain(): void {
    while (this.window > 0 && this.#turn !== null) {
      const stream = this.#turn;
      this.#turn = stream.nextInRing;
      this.#sendOne(stream);
    }
  }

  /** One frame of what waits at a stream. */
  #sendOne(stream: CodecStream): void {
    const waiting = stream.waiting!;
    const data = waiting.take(
      Math.min(stream.sendWindow, this.window, this.#peer.maxFrameSizeBytes),
    );
    const finished = waiting.bytes === 0;
    const trailers = finished ? stream.waitingTrailers : null;
    stream.sendWindow -= data.length;
    this.window -= data.length;
    this.#countWaiting(-data.length);
    if (finished) stream.waiting = null;
    if (finished || stream.sendWindow <= 0) this.#leave(stream);
    this.#send(stream, data, finished && stream.localEnded && trailers === null);
    // The write failed, and the stream ended with the connection.
    if (stream.closed) return;
    if (trailers !== null) this.#end(stream, trailers);
    if (stream.endSent) this.#owner.onEndSent(stream);
    else this.#tellLow(stream);
  }

  #end(stream: CodecStream, trailers: HeaderMap): void {
    stream.waitingTrailers = null;
    stream.endSent = true;
    // A section without fields says nothing but the end, and some peers refuse an empty one.
    if (trailers.size === 0) this.#writer.data(stream, EMPTY, true);
    else this.#writer.headers(stream, trailers, true);
  }

  #tellLow(stream: CodecStream): void {
    if (!stream.aboveHighWatermark || stream.bufferedBytes > this.#highWatermarkBytes() >> 1)
      return;
    stream.aboveHighWatermark = false;
    stream.callbacks.onBelowWriteBufferLowWatermark();
  }

  /** Puts the stream at the end of the ring. */
  #join(stream: CodecStream): void {
    if (stream.nextInRing !== null) return;
    const turn = this.#turn;
    if (turn === null) {
      stream.nextInRing = stream;
      stream.previousInRing = stream;
      this.#turn = stream;
      return;
    }
    const last = turn.previousInRing!;
    stream.previousInRing = last;
    stream.nextInRing = turn;
    last.nextInRing = stream;
    turn.previousInRing = stream;
  }

  #leave(stream: CodecStream): void {
    const next = stream.nextInRing;
    if (next === null) return;
    const previous = stream.previousInRing!;
    if (next === stream) {
      this.#turn = null;
    } else {
      previous.nextInRing = next;
      next.previousInRing = previous;
      if (this.#turn === stream) this.#turn = next;
    }
    stream.nextInRing = null;
    stream.previousInRing = null;
  }
}

const EMPTY = Buffer.alloc(0);
