import {
  type GrpcFrameError,
  grpcFrameOf,
  GrpcFrameReader,
  grpcStatusOfHttp,
  type HeaderMap,
} from "@nuncio/codec";
import type { AsyncStream } from "../http/async-client/async-stream.ts";
import type { AsyncStreamCallbacks } from "../http/async-client/callbacks.ts";
import { percentDecode } from "../observe/format/percent-encoding.ts";
import { GrpcStatus, type GrpcStreamCallbacks } from "./callbacks.ts";

const NOTHING = Buffer.alloc(0);

/** As Envoy ends calls whose frames cannot be taken. */
const STATUS_OF_ERROR: { readonly [Error in GrpcFrameError]: number } = {
  compressed: GrpcStatus.Internal,
  too_large: GrpcStatus.ResourceExhausted,
};

/** A call under way: messages go out by `send`, what comes is told by callbacks. Made by `GrpcClient`. */
export class GrpcStream implements AsyncStreamCallbacks {
  readonly #callbacks: GrpcStreamCallbacks;
  readonly #reader: GrpcFrameReader;
  #http: AsyncStream | null = null;
  #closed = false;

  constructor(callbacks: GrpcStreamCallbacks, receiveBytesMax: number) {
    this.#callbacks = callbacks;
    this.#reader = new GrpcFrameReader(receiveBytesMax);
  }

  /** The call is over: `onRemoteClose` was called, or `reset`. */
  get closed(): boolean {
    return this.#closed;
  }

  /** What is sent piles up: messages that can wait should, or be dropped. */
  get aboveWriteBufferHighWatermark(): boolean {
    return this.#http !== null && this.#http.aboveWriteBufferHighWatermark;
  }

  /** The request behind it; null: there is none. Only the client calls this. */
  attach(http: AsyncStream | null): void {
    if (http === null) this.#close(GrpcStatus.Unavailable, "Cluster not available", null);
    else if (!this.#closed) this.#http = http;
  }

  /** Sends a message, copied; with `endStream` it is the last one. Behind the end of the call it is dropped. */
  send(message: Buffer, endStream = false): void {
    this.#http?.data(grpcFrameOf(message), endStream);
  }

  /** No more messages are sent; the other side may go on. */
  closeStream(): void {
    this.#http?.data(NOTHING, true);
  }

  /** Gives up the call; nothing more is heard of it. */
  reset(): void {
    this.#closed = true;
    const http = this.#http;
    this.#http = null;
    http?.reset();
  }

  // The response.

  onHeaders(headers: HeaderMap, endStream: boolean): void {
    if (this.#closed) return;
    if (headers.status !== 200) {
      const status = endStream ? statusOf(headers) : null;
      if (status === null) this.#fail(grpcStatusOfHttp(headers.status));
      else this.#close(status, messageOf(headers), headers);
    } else if (endStream) this.onTrailers(headers);
    else this.#callbacks.onReceiveInitialMetadata(headers);
  }

  onData(data: Buffer, endStream: boolean): void {
    const reader = this.#reader;
    reader.push(data);
    // Whoever gets a message may end the call.
    while (!this.#closed) {
      const message = reader.read();
      if (message === null) break;
      this.#callbacks.onReceiveMessage(message);
    }
    if (this.#closed) return;
    if (reader.error !== null) this.#fail(STATUS_OF_ERROR[reader.error]);
    // The status is in the trailers, and there are none.
    else if (endStream) this.#fail(GrpcStatus.Unknown);
  }

  onTrailers(trailers: HeaderMap): void {
    if (this.#closed) return;
    this.#close(statusOf(trailers) ?? GrpcStatus.Unknown, messageOf(trailers), trailers);
  }

  onLocalReply(status: number, body: string): void {
    this.#close(grpcStatusOfHttp(status), body, null);
  }

  onReset(): void {
    this.#close(GrpcStatus.Internal, "", null);
  }

  onAboveWriteBufferHighWatermark(): void {
    if (!this.#closed) this.#callbacks.onAboveWriteBufferHighWatermark();
  }

  onBelowWriteBufferLowWatermark(): void {
    if (!this.#closed) this.#callbacks.onBelowWriteBufferLowWatermark();
  }

  /** What came makes no sense: the request is given up. */
  #fail(status: number): void {
    const http = this.#http;
    this.#close(status, "", null);
    http?.reset();
  }

  #close(status: number, message: string, trailers: HeaderMap | null): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#http = null;
    this.#callbacks.onRemoteClose(status, message, trailers);
  }
}

/** Null when there is none; what is no status is unknown. */
function statusOf(headers: HeaderMap): number | null {
  const text = headers.get("grpc-status");
  if (text === undefined || text === "") return null;
  return /^\d{1,9}$/.test(text) ? Number(text) : GrpcStatus.Unknown;
}

function messageOf(headers: HeaderMap): string {
  return percentDecode(headers.get("grpc-message") ?? "");
}
