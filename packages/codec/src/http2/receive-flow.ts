import type { CodecStream } from "./codec-stream.ts";
import type { FrameWriter } from "./frame-writer.ts";
import { DEFAULT_WINDOW_BYTES } from "./frames.ts";
import type { Http2Options } from "./options.ts";

/**
 * What the peer may send (RFC 9113 5.2). A window is opened again when half of it was read, by what was read. While a
 * stream's reading is disabled, what it reads opens neither its window nor the connection's: so the connection's window
 * bounds what all streams together can make somebody keep.
 */
export class ReceiveFlow {
  /** What a new stream may get. The peer may count on the default until it has seen our settings. */
  streamWindow: number;
  readonly #writer: FrameWriter;
  readonly #streamHalf: number;
  readonly #connectionHalf: number;
  readonly #options: Http2Options;
  #window: number;
  #consumed = 0;

  constructor(writer: FrameWriter, options: Http2Options) {
    this.#writer = writer;
    this.#options = options;
    this.streamWindow = Math.max(DEFAULT_WINDOW_BYTES, options.initialStreamWindowBytes);
    this.#window = Math.max(DEFAULT_WINDOW_BYTES, options.initialConnectionWindowBytes);
    this.#streamHalf = Math.max(1, options.initialStreamWindowBytes >> 1);
    this.#connectionHalf = Math.max(1, this.#window >> 1);
  }

  /** Opens the connection's window as the options say; it begins with the protocol's default. */
  start(): void {
    const increment = this.#window - DEFAULT_WINDOW_BYTES;
    if (increment > 0) this.#writer.windowUpdate(0, increment);
  }

  /** The peer knows our settings: streams have the window that they say. */
  onSettingsAcknowledged(streams: Iterable<CodecStream>): void {
    const change = this.#options.initialStreamWindowBytes - this.streamWindow;
    if (change === 0) return;
    this.streamWindow += change;
    for (const stream of streams) stream.receiveWindow += change;
  }

  /** A DATA frame of `length` comes. False when the connection's window is not that large. */
  take(length: number): boolean {
    this.#window -= length;
    return this.#window >= 0;
  }

  /** Data was read, or dropped where `stream` is null. */
  consume(stream: CodecStream | null, length: number): void {
    if (stream !== null && !stream.closed) {
      if (stream.readDisabled > 0) {
        stream.heldBackBytes += length;
        return;
      }
      if (!stream.remoteEnded) this.#consumeOfStream(stream, length);
    }
    this.#consumed += length;
    if (this.#consumed < this.#connectionHalf) return;
    this.#writer.windowUpdate(0, this.#consumed);
    this.#window += this.#consumed;
    this.#consumed = 0;
  }

  /** What a stream was holding back counts as read, because it is read on, or is gone. */
  release(stream: CodecStream): void {
    const length = stream.heldBackBytes;
    if (length === 0) return;
    stream.heldBackBytes = 0;
    this.consume(stream, length);
  }

  #consumeOfStream(stream: CodecStream, length: number): void {
    stream.consumedBytes += length;
    if (stream.consumedBytes < this.#streamHalf) return;
    this.#writer.windowUpdate(stream.id, stream.consumedBytes);
    stream.receiveWindow += stream.consumedBytes;
    stream.consumedBytes = 0;
  }
}
