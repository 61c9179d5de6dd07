import {
  Http2ErrorCode,
  type HeaderMap,
  type Http2ResetReason,
  type Http2Stream,
  type Http2StreamCallbacks,
} from "@nuncio/codec";
import { CLUSTER_STATS } from "../../observe/stats/tables/cluster.ts";
import type { Http2Connection } from "./http2-connection.ts";
import type { PoolRequest, ResetReason } from "./pool-request.ts";
import type { UpstreamStream } from "./upstream-stream.ts";
import { fromExtendedConnect, toExtendedConnect } from "./upstream-upgrade.ts";

const STATS = CLUSTER_STATS.at;

/** One request on an HTTP/2 connection to a host: between who sent it and the codec's stream. */
export class Http2UpstreamStream implements UpstreamStream, Http2StreamCallbacks {
  readonly carrier: Http2Connection;
  next: Http2UpstreamStream | null = null;
  previous: Http2UpstreamStream | null = null;
  upgraded = false;
  readonly #stream: Http2Stream;
  /** Null behind the end of the exchange. */
  #request: PoolRequest | null;
  /** The protocol that the request asks for; empty for none. */
  #upgrade = "";
  #isConnect = false;
  #responseComplete = false;
  /** What the kernel had taken of the connection's output before. */
  readonly #takenBefore: number;

  constructor(carrier: Http2Connection, request: PoolRequest) {
    this.carrier = carrier;
    this.#request = request;
    this.#takenBefore = carrier.socket.bytesTaken;
    this.#stream = carrier.newStream(this);
  }

  get wireBytesSent(): number {
    return this.#stream.wireBytesSent;
  }

  get wireBytesReceived(): number {
    return this.#stream.wireBytesReceived;
  }

  get headerBytesSent(): number {
    return this.#stream.headerBytesSent;
  }

  get headerBytesReceived(): number {
    return this.#stream.headerBytesReceived;
  }

  get trailerBytesReceived(): number {
    return this.#stream.trailerBytesReceived;
  }

  // The request, from the router.

  encodeHeaders(headers: HeaderMap, endStream: boolean): void {
    // Whoever came earlier was told when it began.
    if (this.carrier.blocked) this.onAboveWriteBufferHighWatermark();
    this.#isConnect = headers.method === "CONNECT";
    this.#upgrade = this.#isConnect ? "" : (headers.get("upgrade") ?? "");
    const sent = this.#upgrade === "" ? headers : toExtendedConnect(headers, this.#upgrade);
    this.#stream.encodeHeaders(sent, endStream);
    this.carrier.onWritten();
  }

  encodeData(data: Buffer, endStream: boolean): void {
    this.#stream.encodeData(data, endStream);
    this.carrier.onWritten();
  }

  encodeTrailers(trailers: HeaderMap): void {
    this.#stream.encodeTrailers(trailers);
    this.carrier.onWritten();
  }

  readDisable(disable: boolean): void {
    this.#stream.readDisable(disable);
  }

  resetRequest(): void {
    if (this.#request === null) return;
    this.carrier.pool.count(STATS.upstream_rq_tx_reset);
    this.#end();
    this.#stream.reset(Http2ErrorCode.InternalError);
    this.carrier.onWritten();
  }

  // The response, from the codec.

  on1xxHeaders(headers: HeaderMap): void {
    this.#request?.onUpstream1xxHeaders(headers);
  }

  onHeaders(headers: HeaderMap, endStream: boolean): void {
    const request = this.#request;
    const agreed = headers.status >= 200 && headers.status < 300;
    if (this.#upgrade !== "" && headers.status === 200) fromExtendedConnect(headers, this.#upgrade);
    if ((this.#isConnect || this.#upgrade !== "") && agreed) this.upgraded = true;
    if (endStream) this.#onResponseComplete();
    request?.onUpstreamHeaders(headers, endStream);
  }

  onData(data: Buffer, endStream: boolean): void {
    const request = this.#request;
    if (endStream) this.#onResponseComplete();
    request?.onUpstreamData(data, endStream);
  }

  onTrailers(trailers: HeaderMap): void {
    const request = this.#request;
    this.#onResponseComplete();
    request?.onUpstreamTrailers(trailers);
  }

  onEndSent(): void {
    if (this.#responseComplete && this.#request !== null) this.#end();
  }

  onReset(codecReason: Http2ResetReason): void {
    const request = this.#request;
    if (request === null) return;
    const { carrier } = this;
    const reason = REASONS[codecReason];
    const stat = RESET_STATS[reason];
    if (stat !== null) carrier.pool.count(STATS[stat]);
    const untouched =
      reason === "connection_termination" && carrier.socket.bytesTaken === this.#takenBefore;
    this.#end();
    if (!this.#responseComplete) request.onUpstreamReset(reason, "", untouched);
  }

  onAboveWriteBufferHighWatermark(): void {
    this.#request?.onUpstreamAboveWriteBufferHighWatermark();
  }

  onBelowWriteBufferLowWatermark(): void {
    this.#request?.onUpstreamBelowWriteBufferLowWatermark();
  }

  /** A request that is not whole yet goes on, or is reset by who sends it. */
  #onResponseComplete(): void {
    this.#responseComplete = true;
    if (this.#request !== null && this.#stream.localEnded) this.#end();
  }

  #end(): void {
    const request = this.#request!;
    this.#request = null;
    this.carrier.onExchangeEnd(this);
    request.onPoolRelease();
    this.carrier.pool.endRequest();
  }
}

/** As a router knows it. */
const REASONS = {
  remote_reset: "remote_reset",
  remote_reset_no_error: "remote_reset",
  remote_refused_stream_reset: "remote_refused_stream_reset",
  connect_error: "connect_error",
  protocol_error: "protocol_error",
  connection_termination: "connection_termination",
} as const satisfies { readonly [Reason in Http2ResetReason]: ResetReason };

/** What Envoy counts a reset as, where it does. */
const RESET_STATS: {
  readonly [Reason in (typeof REASONS)[Http2ResetReason]]: keyof typeof STATS | null;
} = {
  remote_reset: "upstream_rq_rx_reset",
  remote_refused_stream_reset: null,
  connect_error: null,
  protocol_error: "upstream_rq_tx_reset",
  connection_termination: "upstream_rq_pending_failure_eject",
};
