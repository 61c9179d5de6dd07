import {
  stripForUpgrade,
  stripHopByHop,
  type ClientCallbacks,
  type HeaderMap,
} from "@nuncio/codec";
import { Timer, type TimerTarget } from "../../base/timer-wheel.ts";
import { CLUSTER_STATS } from "../../observe/stats/tables/cluster.ts";
import type { Address } from "../../observe/stream-info.ts";
import { localAddressOf } from "../../transport/address.ts";
import { Connector, type ConnectCallbacks } from "../../transport/connect.ts";
import type { CloseReason, Connection } from "../../transport/connection.ts";
import { Resource } from "../shared/breaker-memory.ts";
import { HostCounter } from "../shared/host-memory.ts";
import type { HttpPool } from "./http-pool.ts";
import type { PoolRequest } from "./pool-request.ts";
import { ResponseReceiver } from "./response-receiver.ts";
import type { UpstreamCodec } from "./upstream-codec.ts";

const STATS = CLUSTER_STATS.at;

/**
 * One HTTP/1 connection to a host. It carries one request at a time and goes back to its pool when request and response
 * are complete and both sides keep it alive.
 */
export class UpstreamConnection implements ConnectCallbacks, TimerTarget {
  readonly pool: HttpPool;
  /** Links of the pool's list of idle connections. */
  nextIdle: UpstreamConnection | null = null;
  previousIdle: UpstreamConnection | null = null;
  idle = false;
  /** Null while connecting. */
  connection: Connection | null = null;
  localAddress: Address | null = null;
  readonly #connector: Connector;
  readonly startMs: number;
  /** When the connection was there; -1 before. */
  connectedMs = -1;
  readonly #codec: UpstreamCodec;
  /** FIN ends one direction only, ours and the peer's. */
  readonly #halfClose: boolean;
  #request: PoolRequest | null = null;
  #responseComplete = false;
  /** A request was given up before its end; the connection ends with it. */
  #brokenOff = false;
  #requests = 0;
  /** Bytes the kernel had taken when the current request began. */
  #takenBefore = 0;
  #sentBefore = 0;
  #receivedBefore = 0;
  #sentCounted = 0;
  /** Of the current request's head, without its request line. */
  headerBytesSent = 0;
  #draining = false;
  #idleTimer: Timer | null = null;
  /** `max_connection_duration`. */
  #lifeTimer: Timer | null = null;

  constructor(
    pool: HttpPool,
    newCodec: (callbacks: ClientCallbacks) => UpstreamCodec,
    halfClose: boolean,
  ) {
    this.pool = pool;
    const { config } = pool.cluster;
    const { transport, worker } = pool.services;
    this.#codec = newCodec(new ResponseReceiver(this));
    this.#halfClose = halfClose;
    this.startMs = worker.nowMs();
    this.#connector = new Connector(
      transport,
      pool.host.address,
      {
        timeoutMs: config.connectTimeoutMs,
        bufferLimitBytes: config.perConnectionBufferLimitBytes,
        sourceIp: config.sourceAddress?.ip ?? "",
        keepaliveSeconds:
          config.tcpKeepalive === null ? 0 : config.tcpKeepalive.timeS || KEEPALIVE_SECONDS,
      },
      this,
    );
  }

  // The request, from the router.

  encodeHeaders(headers: HeaderMap, endStream: boolean): void {
    const socket = this.connection!;
    // As Envoy: whatever the host says, its FIN is the end, but it is us who close.
    if (!endStream && headers.method === "CONNECT") socket.halfCloseEnabled = true;
    this.#codec.encodeHeaders(socket, headers, endStream);
    if (endStream && this.#halfClose) socket.halfClose();
    this.headerBytesSent = this.#codec.headerBytesSent;
    this.#countSent(socket);
  }

  encodeData(data: Buffer, endStream: boolean): void {
    const socket = this.connection!;
    this.#codec.encodeData(socket, data, endStream);
    if (endStream && this.#halfClose) socket.halfClose();
    this.#countSent(socket);
  }

  encodeTrailers(trailers: HeaderMap): void {
    const socket = this.connection!;
    this.#codec.encodeTrailers(socket, trailers);
    this.headerBytesSent = this.#codec.headerBytesSent;
    if (this.#halfClose) socket.halfClose();
    this.#countSent(socket);
  }

  /** Gives up the request; HTTP/1 has to give up the connection with it. */
  resetRequest(): void {
    this.#brokenOff = true;
    this.#endRequest();
    this.close();
  }

  /** Bytes on the wire of the current request and its response, so far. */
  get wireBytesSent(): number {
    return this.connection === null ? 0 : this.connection.bytesSent - this.#sentBefore;
  }

  get wireBytesReceived(): number {
    return this.connection === null ? 0 : this.connection.bytesReceived - this.#receivedBefore;
  }

  /** Of the response's head, as %UPSTREAM_HEADER_BYTES_RECEIVED% counts. */
  get headerBytesReceived(): number {
    const codec = this.#codec;
    return codec.interimHeaderBytes + codec.response.headerBytes + codec.trailerBytes;
  }

  /** Of the response's trailers, which `headerBytesReceived` has in it. */
  get trailerBytesReceived(): number {
    return this.#codec.trailerBytes;
  }

  /** The response switched protocols: what is sent is no HTTP any more. */
  get upgraded(): boolean {
    return this.#codec.upgraded;
  }

  /** Empty for TCP. As far as it is known: a connection is HTTP/1.1 until a response says otherwise. */
  get protocol(): string {
    if (this.#halfClose) return "";
    return this.#codec.response.http10 ? "HTTP/1.0" : "HTTP/1.1";
  }

  readDisable(disable: boolean): void {
    this.connection?.readDisable(disable);
  }

  // The pool.

  /** Hands the connection to a request. */
  attach(request: PoolRequest): void {
    this.#request = request;
    this.#responseComplete = false;
    this.#requests++;
    this.#takenBefore = this.connection!.bytesTaken;
    this.#sentBefore = this.connection!.bytesSent;
    this.#receivedBefore = this.connection!.bytesReceived;
    if (this.#idleTimer !== null) this.pool.services.worker.timers.cancel(this.#idleTimer);
    const { maxRequestsPerConnection } = this.pool.cluster.config.http;
    if (maxRequestsPerConnection > 0 && this.#requests >= maxRequestsPerConnection) {
      this.pool.count(STATS.upstream_cx_max_requests);
      this.#draining = true;
    }
    request.onPoolReady(this);
  }

  /** Ends after the request under way; at once when there is none. */
  drain(): void {
    this.#draining = true;
    if (this.#request === null) this.close();
  }

  close(): void {
    if (this.connection === null) this.#connector.cancel();
    else this.connection.close("local");
  }

  armIdleTimer(): void {
    const { idleTimeoutMs } = this.pool.cluster.config.http;
    if (idleTimeoutMs <= 0) return;
    this.#idleTimer ??= new Timer(this);
    this.pool.services.worker.timers.arm(this.#idleTimer, idleTimeoutMs);
  }

  onTimer(timer: Timer): void {
    if (timer === this.#lifeTimer) {
      this.pool.count(STATS.upstream_cx_max_duration_reached);
      this.drain();
      return;
    }
    this.pool.count(STATS.upstream_cx_idle_timeout);
    this.close();
  }

  // The socket.

  onConnected(connection: Connection): void {
    const { pool } = this;
    this.connection = connection;
    connection.halfCloseEnabled = this.#halfClose;
    this.connectedMs = pool.services.worker.nowMs();
    this.localAddress = localAddressOf(connection.handle!, pool.host.address);
    const { worker } = pool.services;
    worker.stats.record(
      pool.cluster.config.scope.histogramBase + STATS.upstream_cx_connect_ms,
      Math.round(worker.nowMs() - this.startMs),
    );
    if (pool.cluster.config.http.maxConnectionDurationMs > 0) this.#armLife();
    pool.onConnected(this);
  }

  onConnectFailure(reason: string, timeout: boolean): void {
    this.pool.count(timeout ? STATS.upstream_cx_connect_timeout : STATS.upstream_cx_connect_fail);
    if (timeout) this.pool.count(STATS.upstream_cx_connect_fail);
    this.pool.host.count(HostCounter.CxConnectFail);
    this.#release();
    this.pool.onConnectFailure(this, reason, timeout);
  }

  onData(buffer: Buffer, start: number, end: number): void {
    this.pool.count(STATS.upstream_cx_rx_bytes_total, end - start);
    this.#codec.execute(buffer, start, end);
  }

  onEndStream(): void {
    const { upgraded, endsWithClose } = this.#codec;
    if (this.#halfClose || (endsWithClose && !upgraded)) this.#codec.finish();
    else this.close();
  }

  onClose(reason: CloseReason): void {
    const { pool } = this;
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
    if (this.#idleTimer !== null) pool.services.worker.timers.cancel(this.#idleTimer);
    if (this.#lifeTimer !== null) pool.services.worker.timers.cancel(this.#lifeTimer);
    pool.countClose(this.connection!, reason, open !== null || this.#brokenOff, this.#requests);
    this.#release();
    pool.onClosed(this);
    if (open === null) return;
    const untouched = this.connection!.bytesTaken === this.#takenBefore;
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
    if (this.connection!.closing || this.#halfClose) return;
    if (this.#draining || !this.#codec.reusable) this.close();
    else this.pool.onIdle(this);
  }

  #endRequest(): void {
    const request = this.#request!;
    this.#request = null;
    request.onPoolRelease();
    this.pool.endRequest();
  }

  #countSent(socket: Connection): void {
    this.pool.count(STATS.upstream_cx_tx_bytes_total, socket.bytesSent - this.#sentCounted);
    this.#sentCounted = socket.bytesSent;
  }

  #armLife(): void {
    const { worker } = this.pool.services;
    const { maxConnectionDurationMs: ms, maxConnectionDurationJitterPercent: percent } =
      this.pool.cluster.config.http;
    this.#lifeTimer = new Timer(this);
    worker.timers.arm(this.#lifeTimer, ms * (1 + (worker.random() * percent) / 100));
  }

  #release(): void {
    this.pool.resources.release(Resource.Connections);
  }
}

/** Linux's tcp_keepalive_time, for a `tcp_keepalive` that leaves it out. */
const KEEPALIVE_SECONDS = 7200;
