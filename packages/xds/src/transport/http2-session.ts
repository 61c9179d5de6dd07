import http2 from "node:http2";
import type { ConnectionObserver, ExchangeEnd } from "./connection-observer.ts";

/** Pings that find a dead connection. */
export interface PingSettings {
  readonly intervalMs: number;
  /** For the answer; the connection is given up behind it. */
  readonly timeoutMs: number;
}

/** How a connection is made, and what is told of it. */
export interface Http2SessionOptions {
  /** `:authority` of each request; that of the URL unless given. */
  readonly authority?: string;
  readonly sessionOptions?: http2.ClientSessionOptions | http2.SecureClientSessionOptions;
  /** Never smaller than HTTP/2's own 64 KiB, which it is unless given. */
  readonly connectionWindowBytes?: number;
  readonly ping?: PingSettings;
  readonly observer?: ConnectionObserver;
}

/** One connection of HTTP/2 to a control plane; what Connect calls a session manager. */
export class Http2Session {
  /** The origin that Connect compares with its requests' URLs. */
  readonly authority: string;
  /** Rejects with the reason when there is no connection. */
  readonly connected: Promise<void>;
  readonly #options: Http2SessionOptions;
  readonly #session: http2.ClientHttp2Session;
  #pingTimer: NodeJS.Timeout | undefined;
  #isClosed = false;

  /** @param url `http://host:port` or `https://...`; what lies behind is of no interest */
  constructor(url: string, options: Http2SessionOptions = {}) {
    this.authority = new URL(url).origin;
    this.#options = options;
    const session = http2.connect(this.authority, options.sessionOptions);
    this.#session = session;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.connected = promise;
    // Whoever does not wait is told by the requests.
    promise.catch(() => {});
    session.on("error", reject);
    session.once("close", () => {
      clearTimeout(this.#pingTimer);
      reject(new Error("the connection was closed"));
    });
    session.once("connect", () => {
      const { connectionWindowBytes, ping } = options;
      if (connectionWindowBytes !== undefined) session.setLocalWindowSize(connectionWindowBytes);
      if (ping !== undefined) this.#schedulePing(ping);
      resolve();
    });
  }

  request(
    method: string,
    path: string,
    headers: http2.OutgoingHttpHeaders,
    options: Omit<http2.ClientSessionRequestOptions, "signal">,
  ): Promise<http2.ClientHttp2Stream> {
    const { authority, observer } = this.#options;
    const named = authority === undefined ? {} : { ":authority": authority };
    const stream = this.#session.request(
      { ...headers, ":method": method, ":path": path, ...named },
      options,
    );
    if (observer !== undefined) this.#observe(stream, observer);
    return Promise.resolve(stream);
  }

  /** Connect tells of each read; pings do not ask. */
  notifyResponseByteRead(): void {}

  /** Ends the connection and all on it. */
  close(): void {
    if (!this.#session.destroyed) this.#options.observer?.onClosing();
    this.#isClosed = true;
    this.#session.destroy();
  }

  #observe(stream: http2.ClientHttp2Stream, observer: ConnectionObserver): void {
    let isComplete = false;
    let hasEnded = false;
    let hasGrpcError = false;
    const readStatus = ({ "grpc-status": status = "0" }: http2.IncomingHttpHeaders): void => {
      hasGrpcError = status !== "0";
    };
    observer.onRequest();
    stream.once("response", (headers, flags) => {
      isComplete = (flags & http2.constants.NGHTTP2_FLAG_END_STREAM) !== 0;
      readStatus(headers);
      observer.onResponse(headers[":status"] ?? 0);
    });
    stream.once("trailers", (trailers) => {
      isComplete = true;
      readStatus(trailers);
    });
    // A stream that is cut off ends as well.
    stream.once("end", () => (hasEnded = !this.#isOver));
    stream.once("close", () => {
      isComplete ||= hasEnded && stream.rstCode === 0;
      if (!isComplete) observer.onEnd(this.#endOf(stream));
      else observer.onEnd(hasGrpcError ? "grpc_error" : "complete");
    });
  }

  get #isOver(): boolean {
    return this.#isClosed || this.#session.destroyed;
  }

  #endOf({ rstCode }: http2.ClientHttp2Stream): ExchangeEnd {
    if (this.#isClosed) return "local_reset";
    if (this.#isOver || rstCode === 0) return "connection_closed";
    return "remote_reset";
  }

  #schedulePing(ping: PingSettings): void {
    this.#pingTimer = setTimeout(() => this.#ping(ping), ping.intervalMs).unref();
  }

  #ping(ping: PingSettings): void {
    this.#pingTimer = setTimeout(() => {
      this.#options.observer?.onKeepaliveTimeout();
      this.#session.destroy(new Error(`no answer to a ping in ${ping.timeoutMs} ms`));
    }, ping.timeoutMs).unref();
    this.#session.ping((error) => {
      clearTimeout(this.#pingTimer);
      if (error === null) this.#schedulePing(ping);
    });
  }
}
