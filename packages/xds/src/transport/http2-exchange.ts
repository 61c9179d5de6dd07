import type net from "node:net";
import tls from "node:tls";
import {
  DEFAULT_HTTP2_OPTIONS,
  type HeaderMap,
  Http2ClientCodec,
  type Http2ConnectionCallbacks,
  type Http2ConnectionError,
  Http2ErrorCode,
  type Http2Options,
  type Http2ResetReason,
  type Http2Stream,
  type Http2StreamCallbacks,
} from "@nuncio/codec";
import type { ConnectionObserver, ExchangeEnd } from "./connection-observer.ts";
import { KeepalivePings, type PingSettings } from "./keepalive-pings.ts";
import { onceConnected, openSocket, type SocketOptions } from "./open-socket.ts";
import { SocketSink } from "./socket-sink.ts";

/** How a connection is made, and what is told of it. */
export interface Http2ExchangeOptions extends SocketOptions {
  /** `:authority` of the request; that of the URL unless given. */
  readonly authority?: string;
  /** Settings and limits of HTTP/2; Envoy's defaults unless given. */
  readonly http2?: Http2Options;
  readonly ping?: PingSettings;
  readonly observer?: ConnectionObserver;
}

/**
 * Why there is no whole response: no connection, no stream on it (it can be tried again), a reset of the control plane, its
 * breach of the protocol, or the end of the connection.
 */
export type ExchangeFailure = "unreachable" | "refused" | "reset" | "protocol" | "closed";

/** What is told of an exchange; nothing from within its constructor, and nothing behind `close`. */
export interface ExchangeEvents {
  /** `start` may be called. */
  onConnected(): void;
  onHeaders(headers: HeaderMap, endStream: boolean): void;
  /** Not borrowed: it may be kept. */
  onData(data: Buffer, endStream: boolean): void;
  onTrailers(trailers: HeaderMap): void;
  /** What was written is on its way: `isBlocked` may be false again. */
  onWritable(): void;
  /** There is no response, or it is not whole. */
  onFailed(failure: ExchangeFailure, reason: string): void;
}

const NO_COUNTERS = { add(): void {} };

/** A request and its response on a connection of HTTP/2 of their own, both in pieces and at the same time. */
export class Http2Exchange implements Http2ConnectionCallbacks, Http2StreamCallbacks {
  readonly #options: Http2ExchangeOptions;
  readonly #events: ExchangeEvents;
  readonly #authority: string;
  readonly #socket: net.Socket;
  readonly #sink: SocketSink;
  #codec: Http2ClientCodec | null = null;
  #stream: Http2Stream | null = null;
  #pings: KeepalivePings | null = null;
  #error: Error | null = null;
  /** The request is on its way, and its end is not told yet. */
  #isUnderWay = false;
  #isAboveWatermark = false;
  #restTimer: NodeJS.Timeout | null = null;
  #isOver = false;

  /** @param url `http://host:port` or `https://...`; what lies behind is of no interest */
  constructor(url: string, options: Http2ExchangeOptions, events: ExchangeEvents) {
    const at = new URL(url);
    this.#options = options;
    this.#events = events;
    this.#authority = options.authority ?? at.host;
    const socket = openSocket(at, options);
    this.#socket = socket;
    this.#sink = new SocketSink(socket);
    socket.on("error", (error) => (this.#error ??= error));
    socket.once("close", () => this.#socketClosed());
    onceConnected(socket, () => this.#connected());
  }

  /** The control plane does not take what is written to it. */
  get isBlocked(): boolean {
    return this.#isAboveWatermark || this.#socket.writableNeedDrain;
  }

  /** Sends the head of the request; its scheme and authority are the connection's. Once, behind `onConnected`. */
  start(headers: HeaderMap): void {
    if (this.#isOver || this.#codec === null) return;
    headers.scheme = this.#socket instanceof tls.TLSSocket ? "https" : "http";
    headers.authority = this.#authority;
    this.#isUnderWay = true;
    this.#options.observer?.onRequest();
    this.#stream = this.#codec.newStream(this);
    this.#stream.encodeHeaders(headers, false);
  }

  /** A piece of the request, or its end. */
  write(data: Buffer, endStream: boolean): void {
    this.#stream?.encodeData(data, endStream);
  }

  /** Lets the control plane send as much as the window allows and no more, until it is told to go on. */
  holdBack(isHeld: boolean): void {
    this.#stream?.readDisable(isHeld);
    if (!isHeld) this.#sink.flush();
  }

  /** Reads nothing for so long, or until `wake`. What comes meanwhile is the kernel's, and is read in one go. */
  rest(forMs: number): void {
    if (this.#isOver || this.#restTimer !== null) return;
    this.#socket.pause();
    this.#restTimer = setTimeout(() => this.wake(), forMs);
  }

  wake(): void {
    if (this.#restTimer === null) return;
    clearTimeout(this.#restTimer);
    this.#restTimer = null;
    this.#socket.resume();
  }

  /** Ends the connection and what is on it. */
  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.wake();
    this.#pings?.stop();
    if (!this.#socket.destroyed) this.#options.observer?.onClosing();
    this.#ended("local_reset");
    this.#stream?.reset(Http2ErrorCode.Cancel);
    this.#sink.flush();
    this.#codec?.terminate();
    this.#socket.destroy();
  }

  // The socket.

  #connected(): void {
    if (this.#isOver) return;
    const socket = this.#socket;
    const { http2 = DEFAULT_HTTP2_OPTIONS, ping, observer } = this.#options;
    const codec = new Http2ClientCodec(this.#sink, this, http2, NO_COUNTERS);
    this.#codec = codec;
    socket.on("data", (data: Buffer) => {
      codec.nowMs = performance.now();
      codec.execute(data, 0, data.length);
      this.#sink.flush();
    });
    // Whatever is still to be written, nobody reads it.
    socket.once("end", () => socket.destroy());
    socket.on("drain", () => this.#writable());
    if (ping !== undefined)
      this.#pings = new KeepalivePings(
        ping,
        () => codec.ping(),
        () => {
          observer?.onKeepaliveTimeout();
          socket.destroy(new Error(`no answer to a ping in ${ping.timeoutMs} ms`));
        },
      );
    this.#events.onConnected();
  }

  #socketClosed(): void {
    this.#pings?.stop();
    this.#codec?.terminate();
    this.#failed(this.#codec === null ? "unreachable" : "closed", "the connection was closed");
  }

  #writable(): void {
    if (!this.#isOver && !this.isBlocked) this.#events.onWritable();
  }

  // The stream.

  on1xxHeaders(): void {}
  onEndSent(): void {}

  onHeaders(headers: HeaderMap, endStream: boolean): void {
    this.#options.observer?.onResponse(headers.status);
    if (endStream) this.#ended(endOf(headers));
    if (!this.#isOver) this.#events.onHeaders(headers, endStream);
  }

  onData(data: Buffer, endStream: boolean): void {
    if (endStream) this.#ended("complete");
    if (!this.#isOver) this.#events.onData(data, endStream);
  }

  onTrailers(trailers: HeaderMap): void {
    this.#ended(endOf(trailers));
    if (!this.#isOver) this.#events.onTrailers(trailers);
  }

  onReset(reason: Http2ResetReason, details: string): void {
    if (reason === "connection_termination" || this.#codec?.ended === true) {
      this.#ended("connection_closed");
      this.#failed(this.#error === null ? "closed" : "protocol", "the connection was closed");
    } else if (reason === "remote_refused_stream_reset") {
      this.#ended("remote_reset");
      this.#failed("refused", "the control plane takes no stream on this connection");
    } else if (details.startsWith("http2.remote_")) {
      this.#ended("remote_reset");
      this.#failed("reset", "the control plane reset the stream");
    } else {
      this.#ended("local_reset");
      this.#failed("protocol", `not a response of HTTP/2: ${details}`);
    }
  }

  onAboveWriteBufferHighWatermark(): void {
    this.#isAboveWatermark = true;
  }

  onBelowWriteBufferLowWatermark(): void {
    this.#isAboveWatermark = false;
    this.#writable();
  }

  // The connection.

  /** Who pushes is refused by the codec. */
  onNewStream(): never {
    throw new Error("a client's codec takes no streams of its peer");
  }

  onStreamClosed(): void {}
  /** What was begun goes on. */
  onGoAway(): void {}
  onSettings(): void {}

  onPingAck(): void {
    this.#pings?.answered();
  }

  onConnectionError({ details }: Http2ConnectionError): void {
    this.#error = new Error(`the control plane broke HTTP/2: ${details}`);
  }

  #ended(how: ExchangeEnd): void {
    if (!this.#isUnderWay) return;
    this.#isUnderWay = false;
    this.#options.observer?.onEnd(how);
  }

  /** The socket's own error says more than any text. */
  #failed(failure: ExchangeFailure, text: string): void {
    if (this.#isOver) return;
    this.close();
    this.#events.onFailed(failure, this.#error?.message ?? text);
  }
}

function endOf(headers: HeaderMap): ExchangeEnd {
  return (headers.get("grpc-status") ?? "0") === "0" ? "complete" : "grpc_error";
}
