import {
  stripForUpgrade,
  stripHopByHop,
  type ClientCallbacks,
  type HeaderMap,
} from "@nuncio/codec";
import { CLUSTER_STATS } from "../../observe/stats/tables/cluster.ts";
import type { CloseReason, Connection } from "../../transport/connection.ts";
import type { HttpPool } from "./http-pool.ts";
import type { PoolRequest } from "./pool-request.ts";
import { PooledConnection } from "./pooled-connection.ts";
import { ResponseReceiver } from "./response-receiver.ts";
import type { UpstreamCodec } from "./upstream-codec.ts";
import type { UpstreamStream } from "./upstream-stream.ts";

const STATS = CLUSTER_STATS.at;
const NOTHING = Buffer.alloc(0);

/**
 * One HTTP/1 connection to a host, or one that carries a tunnel's bytes. It carries one request at a time, and is that
 * request's stream; it goes back to its pool when request and response are complete and both sides keep it alive.
 */
export class Http1Connection extends PooledConnection implements UpstreamStream {
  readonly #codec: UpstreamCodec;
  /** FIN ends one direction only, ours and the peer's. */
  readonly #halfClose: boolean;
  #request: PoolRequest | null = null;
  /** The request is a CONNECT. */
  #connects = false;
  #responseComplete = false;
  /** A request was given up before its end; the connection ends with it. */
  #brokenOff = false;
  /** Bytes the kernel had taken when the current request began. */
  #takenBefore = 0;
  #sentBefore = 0;
  #receivedBefore = 0;
  headerBytesSent = 0;

  constructor(
    pool: HttpPool,
    socket: Connection,
    startMs: number,
    newCodec: (callbacks: ClientCallbacks) => UpstreamCodec,
    halfClose: boolean,
  ) {
    super(pool, socket, startMs);
    this.#codec = newCodec(new ResponseReceiver(this));
    this.#halfClose = halfClose;
    socket.halfCloseEnabled = halfClose;
  }

  get carrier(): this {
    return this;
  }

  get idle(): boolean {
    return this.#request === null;
  }

  get hasCapacity(): boolean {
    return this.#request === null && !this.draining && !this.socket.closing;
  }

  // The request, from the router.

  encodeHeaders(headers: HeaderMap, endStream: boolean): void {
    const { socket } = this;
    this.#connects = headers.method === "CONNECT";
    // As Envoy: whatever the host says, its FIN is the end, but it is us who close.
    if (this.#connects) socket.halfCloseEnabled = true;
    this.#codec.encodeHeaders(socket, headers, endStream);
    if (endStream && this.#halfClose) socket.halfClose();
    this.headerBytesSent = this.#codec.headerBytesSent;
    this.countSent();
  }

  encodeData(data: Buffer, endStream: boolean): void {
    const { socket } = this;
    this.#codec.encodeData(socket, data, endStream);
    if (endStream && (this.#halfClose || this.#tunnels)) socket.halfClose();
    this.countSent();
  }

  encodeTrailers(trailers: HeaderMap): void {
    const { socket } = this;
    this.#codec.encodeTrailers(socket, trailers);
    this.headerBytesSent = this.#codec.headerBytesSent;
    if (this.#halfClose || this.#tunnels) socket.halfClose();
    this.countSent();
  }

  /** Gives up the request; HTTP/1 has to give up the connection with it. */
  resetRequest(): void {
    this.#brokenOff = true;
    this.#endRequest();
    this.close();
  }

  /** Bytes on the wire of the current request and its response, so far. */
  get wireBytesSent(): number {
    return this.socket.bytesSent - this.#sentBefore;
  }

  get wireBytesReceived(): number {
    return this.socket.bytesReceived - this.#receivedBefore;
  }

  /** Of the response's head, as %UPSTREAM_HEADER_BYTES_RECEIVED% counts. */
  get headerBytesReceived(): number {
    const codec = this.#codec;
    // Until something comes the codec has the counts of the response before.
    if (this.wireBytesReceived === 0) return 0;
    return codec.interimHeaderBytes + codec.response.headerBytes + codec.trailerBytes;
  }

  /** Of the response's trailers, which `headerBytesReceived` has in it. */
  get trailerBytesReceived(): number {
    if (this.wireBytesReceived === 0) return 0;
    return this.#codec.trailerBytes;
  }

  /** The response switched protocols: what is sent is no HTTP any more. */
  get upgraded(): boolean {
    return this.#codec.upgraded;
  }

  /** A CONNECT that the host agreed to: FIN is what ends either direction (RFC 9113 8.5). */
  get #tunnels(): boolean {
    return this.#connects && this.#codec.upgraded;
  }

  /** Empty for TCP. As far as it is known: a connection is HTTP/1.1 until a response says otherwise. */
  get protocol(): string {
    if (this.#halfClose) return "";
    return this.#codec.response.http10 ? "HTTP/1.0" : "HTTP/1.1";
  }

  readDisable(disable: boolean): void {
    this.socket.readDisable(disable);
  }

  // The pool.

  attach(request: PoolRequest): UpstreamStream {
    const { socket } = this;
    this.#request = request;
    this.#responseComplete = false;
    this.#takenBefore = socket.bytesTaken;
    this.#sentBefore = socket.bytesSent;
    this.#receivedBefore = socket.bytesReceived;
    this.countRequest();
    return this;
  }

  // The socket.

  onData(buffer: Buffer, start: number, end: number): void {
    this.pool.count(STATS.upstream_cx_rx_bytes_total, end - start);
    this.#codec.execute(buffer, start, end);
  }

  onEndStream(): void {
    const { upgraded, endsWithClose } = this.#codec;
    if (this.#halfClose || (endsWithClose && !upgraded)) this.#codec.finish();
    else if (this.#tunnels && this.#codec.requestComplete) {
      // To Envoy the end of a tunnel is one with a request under way.
      this.#brokenOff = true;
      this.onResponseData(NOTHING, true);
    } else this.close();
  }

  onClose(reason: CloseReason): void {
    const request = this.#request;
    // A body that ends with the connection is complete now, but a reset is no end, and neither is it one of a tunnel.
    if (
      request !== null &&
      !this.#codec.upgraded &&
      (reason === "remote" || (reason === "remote_reset" && !this.#codec.endsWithClose))
    ) {
      this.#codec.finish();
    }
    const open = this.#request;
    this.leavePool(reason, open !== null || this.#brokenOff);
    if (open === null) return;
    const untouched = this.socket.bytesTaken === this.#takenBefore;
    this.#endRequest();
    if (this.#responseComplete) return;
    open.onUpstreamReset("connection_termination", "", untouched);
  }

  onAboveWriteBufferHighWatermark(): void {
    this.#request?.onUpstreamAboveWriteBufferHighWatermark();
  }

  onBelowWriteBufferLowWatermark(): void {
    this.#request?.onUpstreamBelowWriteBufferLowWatermark();
  }

  // The response, from the codec.

  onResponse1xx(headers: HeaderMap): void {
    this.#request?.onUpstream1xxHeaders(headers);
  }

  onResponseHeaders(headers: HeaderMap, endStream: boolean): void {
    const request = this.#request;
    const { response } = this.#codec;
    if (response.hasHopByHop) {
      if (headers.status === 101) stripForUpgrade(headers);
      else stripHopByHop(headers);
    }
    if (response.asksToClose) this.pool.count(STATS.upstream_cx_close_notify);
    if (endStream) this.#onResponseComplete();
    // There was nothing to be sent through it from the start.
    if (this.#tunnels && this.#codec.requestComplete) this.socket.halfClose();
    request?.onUpstreamHeaders(headers, endStream);
  }

  onResponseData(data: Buffer, endStream: boolean): void {
    const request = this.#request;
    if (endStream) this.#onResponseComplete();
    request?.onUpstreamData(data, endStream);
  }

  onResponseTrailers(trailers: HeaderMap): void {
    const request = this.#request;
    this.#onResponseComplete();
    request?.onUpstreamTrailers(trailers);
  }

  onResponseError(): void {
    const request = this.#request;
    this.pool.count(STATS.upstream_cx_protocol_error);
    if (request !== null) {
      this.#brokenOff = true;
      this.#endRequest();
      if (!this.#responseComplete) request.onUpstreamReset("protocol_error", "", false);
    }
    this.close();
  }

  /**
   * Gives the connection back before the end of the response is told: what follows downstream may be the next request.
   * A request that is not whole yet keeps it, and will reset it.
   */
  #onResponseComplete(): void {
    this.#responseComplete = true;
    if (this.#codec.hasExtraBytes) this.pool.count(STATS.upstream_cx_protocol_error);
    if (this.#request === null || !this.#codec.requestComplete) return;
    this.#endRequest();
    // With half close, both sides have said by now that nothing comes any more.
    if (this.socket.closing || this.#halfClose) return;
    if (this.draining || !this.#codec.reusable) this.close();
    else this.pool.onReady(this);
  }

  #endRequest(): void {
    const request = this.#request!;
    this.#request = null;
    request.onPoolRelease();
    this.pool.endRequest();
  }
}
