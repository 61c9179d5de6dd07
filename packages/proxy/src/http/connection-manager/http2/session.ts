import {
  Http2ErrorCode,
  Http2ServerCodec,
  type Http2ConnectionCallbacks,
  type Http2ConnectionError,
  type Http2Stream,
  type Http2StreamCallbacks,
} from "@nuncio/codec";
import { IntrusiveList } from "../../../base/intrusive-list.ts";
import { Http2Keepalive, type KeptAlive } from "../../../http2/keepalive.ts";
import type { NetworkFilterCallbacks } from "../../../network/filter.ts";
import type { StreamInfo } from "../../../observe/stream-info.ts";
import type { CloseReason } from "../../../transport/connection.ts";
import type { HttpConnection } from "../http-connection.ts";
import { RequestBudget } from "../request-budget.ts";
import { requestLimitsNow } from "../request-limits.ts";
import type { DownstreamSession } from "../session.ts";
import { DeferredInput } from "./deferred-input.ts";
import { PrematureResets } from "./premature-resets.ts";
import { Http2DownstreamStream } from "./stream.ts";

/** HTTP/2 on one downstream connection: its codec, the list of its streams, its drain. */
export class Http2Session implements DownstreamSession, Http2ConnectionCallbacks, KeptAlive {
  readonly protocol = "http2";
  readonly #connection: HttpConnection;
  readonly #callbacks: NetworkFilterCallbacks;
  readonly #codec: Http2ServerCodec;
  readonly #keepalive: Http2Keepalive | null;
  readonly #budget: RequestBudget;
  readonly #prematureResets: PrematureResets;
  /** What was read beyond the budget. */
  #deferred: DeferredInput | null = null;
  readonly #streams: IntrusiveList<Http2DownstreamStream> = new IntrusiveList();
  #requests = 0;
  /** The last one whose head is not complete. */
  #incomplete: Http2DownstreamStream | null = null;
  #blocked = false;
  #reading = false;
  /** Streams that were answered before the end of their request, which the same read may bring. */
  #givenUp: Http2DownstreamStream[] | null = null;
  #sentCounted = 0;
  /** What the log says of streams that end because the connection is closed from here. */
  #closeDetails = "";
  #draining = false;
  #drained = false;

  constructor(connection: HttpConnection, callbacks: NetworkFilterCallbacks) {
    const { manager, socket, worker } = connection;
    this.#connection = connection;
    this.#callbacks = callbacks;
    const requestLimits = requestLimitsNow(manager.config.requestLimits, worker.runtime);
    this.#budget = new RequestBudget(requestLimits.maxRequestsPerIoCycle);
    this.#prematureResets = new PrematureResets(requestLimits);
    socket.gathersOutput = true;
    const { options, keepalive } = manager.config.http2;
    this.#codec = new Http2ServerCodec(socket, this, options, manager.http2Stats());
    this.#keepalive = keepalive === null ? null : new Http2Keepalive(keepalive, worker, this);
  }

  get hasStreams(): boolean {
    return this.#streams.first !== null;
  }

  // The socket.

  onData(buffer: Buffer, start: number, end: number): void {
    this.#keepalive?.onBytes();
    if (this.#deferred?.append(buffer, start, end) === true) return;
    this.#budget.onRead(buffer, end);
    const at = this.read(buffer, start, end);
    if (at === end) return;
    this.#deferred ??= new DeferredInput(this, this.#connection.socket);
    this.#deferred.keep(buffer, at, end);
  }

  /** Reads until the budget of requests is used up, and returns where the rest begins. */
  read(buffer: Buffer, start: number, end: number): number {
    const codec = this.#codec;
    codec.nowMs = this.#connection.worker.nowMs();
    this.#reading = true;
    const at = codec.execute(buffer, start, end);
    this.#reading = false;
    if (this.#givenUp !== null) this.#giveUpRequests(this.#givenUp);
    if (this.#incomplete !== null) this.#armHead();
    this.#countSent();
    return at;
  }

  /** The other connections had their turn. */
  onTurn(): void {
    this.#budget.renew();
  }

  onClose(reason: CloseReason): void {
    this.#keepalive?.cancel();
    this.#codec.terminate(reason === "local" ? this.#closeDetails : "downstream_remote_disconnect");
    this.#countSent();
  }

  onAboveWriteBufferHighWatermark(): void {
    this.#blocked = true;
    this.#streams.each((stream) => stream.onConnectionAbove());
  }

  onBelowWriteBufferLowWatermark(): void {
    this.#blocked = false;
    this.#streams.each((stream) => stream.onConnectionBelow());
  }

  onUpgradeRefused(): void {
    this.#connection.timers.startDrain();
  }

  onHeadTimeout(): void {
    const stream = this.#incomplete?.active ?? null;
    if (stream === null) return;
    this.#connection.count("downstream_rq_header_timeout");
    stream.sendLocalReply(408, "request header timeout", "request_header_timeout");
  }

  ping(): void {
    this.#codec.ping();
  }

  onKeepaliveTimeout(): void {
    this.#connection.manager.http2Stats().add("keepalive_timeout", 1);
    this.#closeDetails = "downstream_local_disconnect(http2_ping_timeout)";
    this.#connection.socket.close("local");
  }

  // The codec.

  onNewStream(stream: Http2Stream): Http2StreamCallbacks {
    const connection = this.#connection;
    const downstream = new Http2DownstreamStream(this, connection, stream);
    this.#streams.add(downstream);
    this.#incomplete = downstream;
    if (++this.#requests >= connection.config.maxRequestsPerConnection) {
      connection.count("downstream_cx_max_requests_reached");
      connection.timers.startDrain();
    }
    return downstream;
  }

  onStreamClosed(): void {}

  /** What a client of ours will not take are pushes, and there are none. */
  onGoAway(): void {}

  onSettings(): void {}

  onPingAck(): void {
    this.#keepalive?.onPingAck();
  }

  onConnectionError({ counted }: Http2ConnectionError): void {
    const connection = this.#connection;
    if (!counted) connection.count("downstream_cx_protocol_error");
    if (this.hasStreams) {
      connection.count("downstream_cx_destroy_active_rq");
      connection.count("downstream_cx_destroy_local_active_rq");
    }
    connection.closeDelayed();
  }

  // The streams.

  onRequest(): void {
    this.#budget.onRequest();
    if (this.#budget.exhausted) this.#codec.pause();
  }

  /** Whether the client reads too slowly for any stream. */
  get blocked(): boolean {
    return this.#blocked;
  }

  onResponseHead(): void {
    if (this.#draining) return;
    const connection = this.#connection;
    if (!connection.refusesKeepalive() && !this.#callbacks.drainClose()) return;
    connection.count("downstream_cx_drain_close");
    connection.timers.startDrain();
  }

  onStreamEnd(stream: Http2DownstreamStream, info: StreamInfo): void {
    this.#streams.remove(stream);
    if (this.#incomplete === stream) this.#incomplete = null;
    this.#countSent();
    if (this.#prematureResets.onStreamEnd(info) && !this.#codec.ended) this.#endForResets();
    if (this.hasStreams || this.#codec.ended) return;
    this.#connection.timers.armIdle();
    if (this.#drained) this.#connection.closeDelayed();
  }

  /** The response is complete, and its request is not, as far as it was read. */
  giveUpRequest(stream: Http2DownstreamStream): void {
    if (this.#reading) (this.#givenUp ??= []).push(stream);
    else stream.giveUpRequest();
  }

  startDrain(): void {
    this.#draining = true;
    this.#codec.shutdownNotice();
  }

  sayGoodbye(): void {
    this.#codec.shutdownNotice();
    this.#codec.goAway();
  }

  finishDrain(): void {
    this.#drained = true;
    this.#codec.goAway();
    if (!this.hasStreams) this.#connection.closeDelayed();
  }

  #giveUpRequests(streams: readonly Http2DownstreamStream[]): void {
    this.#givenUp = null;
    for (const stream of streams) stream.giveUpRequest();
  }

  /** Frames that belong to no stream are counted, too. */
  #countSent(): void {
    const { bytesSent } = this.#connection.socket;
    this.#connection.count("downstream_cx_tx_bytes_total", bytesSent - this.#sentCounted);
    this.#sentCounted = bytesSent;
  }

  /** A head came in part: its stream has its timers from the first byte on. Further bytes of it give it no more time. */
  #armHead(): void {
    const stream = this.#incomplete!;
    if (stream.headersReceived) {
      this.#incomplete = null;
      return;
    }
    if (stream.headTimed) return;
    stream.headTimed = true;
    stream.active?.armTimers(false);
    this.#connection.timers.armHead();
  }

  #endForResets(): void {
    const connection = this.#connection;
    connection.count("downstream_rq_too_many_premature_resets");
    connection.count("downstream_cx_protocol_error");
    this.#codec.goAway(Http2ErrorCode.EnhanceYourCalm);
    this.#codec.terminate("too_many_premature_resets");
    connection.closeFlushed();
  }
}
