import {
  Http2ClientCodec,
  type Http2ConnectionCallbacks,
  type Http2Stream,
  type Http2StreamCallbacks,
} from "@nuncio/codec";
import { IntrusiveList } from "../../base/intrusive-list.ts";
import type { Http2CodecStats } from "../../http2/counters.ts";
import { Http2Keepalive, type KeptAlive } from "../../http2/keepalive.ts";
import type { Http2Config } from "../../http2/model.ts";
import { CLUSTER_STATS } from "../../observe/stats/tables/cluster.ts";
import type { CloseReason, Connection } from "../../transport/connection.ts";
import type { HttpPool } from "./http-pool.ts";
import type { Http2Protocol } from "./http2-protocol.ts";
import { Http2UpstreamStream } from "./http2-stream.ts";
import type { PoolRequest } from "./pool-request.ts";
import { PooledConnection } from "./pooled-connection.ts";
import type { UpstreamStream } from "./upstream-stream.ts";

const STATS = CLUSTER_STATS.at;
/** A host that takes nothing of what is still to be sent for so long is not waited for. */
const GOODBYE_MS = 1000;

/** One HTTP/2 connection to a host, with as many requests at once as both sides allow. */
export class Http2Connection
  extends PooledConnection
  implements Http2ConnectionCallbacks, KeptAlive
{
  readonly protocol = "HTTP/2";
  readonly #protocol: Http2Protocol;
  readonly #codec: Http2ClientCodec;
  readonly #stats: Http2CodecStats;
  readonly #keepalive: Http2Keepalive | null;
  readonly #streams: IntrusiveList<Http2UpstreamStream> = new IntrusiveList();
  #settingsSeen = false;
  /** The host does not read what is sent to it. */
  #blocked = false;

  constructor(
    pool: HttpPool,
    socket: Connection,
    startMs: number,
    protocol: Http2Protocol,
    config: Http2Config,
    stats: Http2CodecStats,
  ) {
    super(pool, socket, startMs);
    this.#protocol = protocol;
    this.#stats = stats;
    socket.gathersOutput = true;
    this.#codec = new Http2ClientCodec(socket, this, config.options, stats);
    const { worker } = pool.services;
    this.#keepalive =
      config.keepalive === null ? null : new Http2Keepalive(config.keepalive, worker, this);
  }

  get idle(): boolean {
    return this.#codec.activeStreams === 0;
  }

  get hasCapacity(): boolean {
    const codec = this.#codec;
    return (
      !this.draining &&
      !this.socket.closing &&
      codec.canOpenStream &&
      (this.#settingsSeen || codec.activeStreams < this.#protocol.streamsBeforeSettings)
    );
  }

  attach(request: PoolRequest): UpstreamStream {
    this.countRequest();
    this.#keepalive?.onNewStream();
    const stream = new Http2UpstreamStream(this, request);
    this.#streams.add(stream);
    return stream;
  }

  /** Without GOAWAY, as Envoy: a host opens no streams that it could name. */
  override close(): void {
    this.socket.closeAfterFlush(0, GOODBYE_MS);
  }

  // Its streams.

  get blocked(): boolean {
    return this.#blocked;
  }

  newStream(callbacks: Http2StreamCallbacks): Http2Stream {
    return this.#codec.newStream(callbacks);
  }

  onWritten(): void {
    this.countSent();
  }

  onExchangeEnd(stream: Http2UpstreamStream): void {
    this.#streams.remove(stream);
  }

  // The socket.

  onData(buffer: Buffer, start: number, end: number): void {
    this.pool.count(STATS.upstream_cx_rx_bytes_total, end - start);
    this.#keepalive?.onBytes();
    const codec = this.#codec;
    codec.nowMs = this.pool.services.worker.nowMs();
    codec.execute(buffer, start, end);
    this.countSent();
  }

  onEndStream(): void {
    this.socket.close("remote");
  }

  onClose(reason: CloseReason): void {
    this.#keepalive?.cancel();
    this.leavePool(reason, this.#streams.first !== null);
    this.#codec.terminate();
  }

  onAboveWriteBufferHighWatermark(): void {
    this.#blocked = true;
    this.#streams.each((stream) => stream.onAboveWriteBufferHighWatermark());
  }

  onBelowWriteBufferLowWatermark(): void {
    this.#blocked = false;
    this.#streams.each((stream) => stream.onBelowWriteBufferLowWatermark());
  }

  ping(): void {
    this.#codec.ping();
  }

  onKeepaliveTimeout(): void {
    this.#stats.add("keepalive_timeout", 1);
    this.socket.close("local");
  }

  // The codec.

  /** A host that pushes is refused by the codec. */
  onNewStream(): never {
    throw new Error("a client's codec takes no streams of its peer");
  }

  onStreamClosed(): void {
    if (this.socket.closing) return;
    if (this.draining) {
      if (this.idle) this.close();
      return;
    }
    if (this.#codec.isExhausted) this.pool.retire(this);
    else if (!this.ready || this.idle) this.pool.onReady(this);
  }

  onGoAway(): void {
    this.pool.count(STATS.upstream_cx_close_notify);
    this.pool.retire(this);
  }

  onSettings(): void {
    this.#settingsSeen = true;
    this.#protocol.onSettings(this.#codec.peerSettings.maxConcurrentStreams);
    if (!this.hasCapacity) this.pool.onNotReady(this);
    else if (!this.ready) this.pool.onReady(this);
  }

  onPingAck(): void {
    this.#keepalive?.onPingAck();
  }

  onConnectionError(): void {
    this.pool.count(STATS.upstream_cx_protocol_error);
    this.pool.onNotReady(this);
    this.close();
  }
}
