import {
  Http2ErrorCode,
  HeaderMap,
  type Http2ResetReason,
  type Http2Stream,
  type Http2StreamCallbacks,
} from "@nuncio/codec";
import type { Linked } from "../../../base/intrusive-list.ts";
import { ResponseFlag, type StreamInfo } from "../../../observe/stream-info.ts";
import { ActiveStream } from "../active-stream.ts";
import type { HttpConnection } from "../http-connection.ts";
import type { DownstreamStream, RequestFacts } from "../session.ts";
import { fromExtendedConnect, toExtendedConnect, tunnelResetCode } from "./extended-connect.ts";
import type { Http2Session } from "./session.ts";

/** One stream of a downstream HTTP/2 connection: between the codec's stream and the request that came by it. */
export class Http2DownstreamStream
  implements DownstreamStream, Http2StreamCallbacks, RequestFacts, Linked<Http2DownstreamStream>
{
  readonly protocolText = "HTTP/2";
  next: Http2DownstreamStream | null = null;
  previous: Http2DownstreamStream | null = null;
  hasHost = false;
  asksForUpgrade = false;
  upgrade = "";
  headersReceived = false;
  /** Its head came in part, and the timers run that bound it. */
  headTimed = false;

  readonly #session: Http2Session;
  readonly #connection: HttpConnection;
  readonly #stream: Http2Stream;
  /** Null behind its end. */
  #active: ActiveStream | null;
  #endSent = false;
  /** A window holds back more than the stream may buffer. */
  #held = false;
  #responseComplete = false;
  #giveUpCode: number = Http2ErrorCode.NoError;
  #decodingHead = false;

  constructor(session: Http2Session, connection: HttpConnection, stream: Http2Stream) {
    this.#session = session;
    this.#connection = connection;
    this.#stream = stream;
    connection.manager.countRequest("http2");
    this.#active = new ActiveStream(connection, this);
  }

  get request(): RequestFacts {
    return this;
  }

  /** Null behind the end of the stream. */
  get active(): ActiveStream | null {
    return this.#active;
  }

  // The request, from the codec.

  onHeaders(headers: HeaderMap, endStream: boolean): void {
    const stream = this.#active;
    if (stream === null) return;
    const connection = this.#connection;
    this.headersReceived = true;
    this.#session.onRequest();
    this.hasHost = !headers.authorityMissing;
    connection.timers.cancelHead();
    stream.streamInfo.downstreamHeaderBytesReceived = this.#stream.headerBytesReceived;
    if (headers.protocol !== "") {
      this.asksForUpgrade = true;
      this.upgrade = headers.protocol.toLowerCase();
      fromExtendedConnect(headers);
    }
    headers.scheme = knownScheme(headers.scheme);
    this.#answerExpectation(stream, headers);
    this.#decodingHead = true;
    try {
      stream.decodeHeaders(headers, endStream);
    } catch (error) {
      connection.onException(stream, error);
    }
    this.#decodingHead = false;
  }

  onData(data: Buffer, endStream: boolean): void {
    const stream = this.#active;
    if (stream === null) return;
    try {
      stream.decodeData(data, endStream);
    } catch (error) {
      this.#connection.onException(stream, error);
    }
  }

  onTrailers(trailers: HeaderMap): void {
    const stream = this.#active;
    if (stream === null) return;
    stream.streamInfo.addRequestTrailers(this.#stream.trailerBytesReceived);
    try {
      stream.decodeTrailers(trailers);
    } catch (error) {
      this.#connection.onException(stream, error);
    }
  }

  /** Clients send none. */
  on1xxHeaders(): void {}

  onReset(reason: Http2ResetReason, details: string): void {
    const stream = this.#active;
    if (stream === null) return;
    const info = stream.streamInfo;
    info.responseFlags |= FLAGS[reason];
    if (details !== "") info.responseCodeDetails = details;
    this.#connection.count("downstream_rq_rx_reset");
    this.#finish(stream, false);
  }

  /** The last of the response is written. */
  onEndSent(): void {
    this.#endSent = true;
    const stream = this.#active;
    if (!this.#responseComplete || stream === null) return;
    stream.streamInfo.lastDownstreamTxByteMs = this.#connection.worker.nowMs();
    this.#complete(stream);
  }

  get outputBlocks(): number {
    return (this.#held ? 1 : 0) + (this.#session.blocked ? 1 : 0);
  }

  onAboveWriteBufferHighWatermark(): void {
    this.#held = true;
    this.onConnectionAbove();
  }

  onBelowWriteBufferLowWatermark(): void {
    this.#held = false;
    this.onConnectionBelow();
  }

  /** The client reads too slowly for any stream. */
  onConnectionAbove(): void {
    this.#active?.watermarkCallbacks?.onAboveWriteBufferHighWatermark();
  }

  onConnectionBelow(): void {
    this.#active?.watermarkCallbacks?.onBelowWriteBufferLowWatermark();
  }

  // The response.

  acceptUpgrade(): void {}

  onLocalReply(): void {}

  sendHeaders(stream: ActiveStream, headers: HeaderMap, endStream: boolean): void {
    const connection = this.#connection;
    if (!stream.requestComplete) connection.count("downstream_rq_response_before_rq_complete");
    this.#session.onResponseHead();
    connection.finishResponse(stream, headers, true);
    // RFC 9110 8.6.
    if (headers.status === 204) headers.remove("content-length");
    const sent = this.asksForUpgrade ? toExtendedConnect(headers) : headers;
    this.#stream.encodeHeaders(sent, endStream);
    stream.streamInfo.downstreamHeaderBytesSent = this.#stream.headerBytesSent;
  }

  sendData(data: Buffer, endStream: boolean): void {
    this.#stream.encodeData(data, endStream);
  }

  sendTrailers(trailers: HeaderMap): void {
    this.#stream.encodeTrailers(trailers);
    const info = this.#active?.streamInfo;
    if (info !== undefined) info.downstreamHeaderBytesSent = this.#stream.headerBytesSent;
  }

  send1xx(headers: HeaderMap): void {
    this.#active!.manager.countResponse(this.#active!, headers.status);
    this.#stream.encode1xxHeaders(headers);
  }

  pushBack(on: boolean): void {
    this.#connection.count(`downstream_flow_control_${on ? "paused" : "resumed"}_reading_total`);
    this.#stream.readDisable(on);
  }

  noteBytes(info: StreamInfo): void {
    info.downstreamWireBytesReceived = this.#stream.wireBytesReceived;
    info.downstreamWireBytesSent = this.#stream.wireBytesSent;
  }

  onResponseComplete(stream: ActiveStream): void {
    if (this.#active !== stream) return;
    this.#responseComplete = true;
    if (this.#endSent) this.#complete(stream);
    else stream.streamInfo.lastDownstreamTxByteMs = -1;
  }

  onFlushTimeout(stream: ActiveStream): void {
    this.#connection.manager.http2Stats().add("tx_flush_timeout", 1);
    this.#finish(stream, false);
    this.#stream.reset(Http2ErrorCode.InternalError);
  }

  onStreamReset(stream: ActiveStream): void {
    if (this.#active !== stream) return;
    this.#connection.count("downstream_rq_tx_reset");
    // Envoy counts both for a reset of its own.
    this.#connection.count("downstream_rq_rx_reset");
    this.#finish(stream, false);
    this.#stream.reset(tunnelResetCode(stream.streamInfo, Http2ErrorCode.InternalError));
  }

  replaceStream(old: ActiveStream): ActiveStream {
    this.noteBytes(old.streamInfo);
    this.#connection.endStream(old, true);
    this.#connection.manager.countRequest("http2");
    return (this.#active = new ActiveStream(this.#connection, this));
  }

  #complete(stream: ActiveStream): void {
    const requestIncomplete = !this.#stream.remoteEnded;
    if (requestIncomplete) this.#connection.count("downstream_rq_rx_reset");
    // Envoy does not record the time of a request that was answered at once and is not complete.
    this.#finish(stream, !requestIncomplete || !this.#decodingHead);
    if (!requestIncomplete) return;
    this.#giveUpCode = tunnelResetCode(stream.streamInfo, Http2ErrorCode.NoError);
    this.#session.giveUpRequest(this);
  }

  /** What is left of the request is not waited for (RFC 9113 8.1). */
  giveUpRequest(): void {
    if (!this.#stream.remoteEnded) this.#stream.reset(this.#giveUpCode);
  }

  #finish(stream: ActiveStream, completed: boolean): void {
    this.#active = null;
    this.noteBytes(stream.streamInfo);
    this.#connection.endStream(stream, completed);
    this.#session.onStreamEnd(this, stream.streamInfo);
  }

  #answerExpectation(stream: ActiveStream, headers: HeaderMap): void {
    const { manager } = stream;
    if (manager.config.proxy100Continue || headers.get("expect")?.toLowerCase() !== "100-continue")
      return;
    const response = new HeaderMap();
    response.status = 100;
    manager.countResponse(stream, response.status);
    stream.streamInfo.responseCode = response.status;
    this.#stream.encode1xxHeaders(response);
    headers.remove("expect");
  }
}

/** What the log says of a stream that the client, or its connection, ended. */
const FLAGS: { readonly [Reason in Http2ResetReason]: number } = {
  remote_reset: ResponseFlag.DownstreamRemoteReset,
  remote_reset_no_error: 0,
  remote_refused_stream_reset: ResponseFlag.DownstreamRemoteReset,
  connect_error: ResponseFlag.DownstreamRemoteReset,
  protocol_error: ResponseFlag.DownstreamProtocolError,
  connection_termination: ResponseFlag.DownstreamConnectionTermination,
};

/** In lower case; another than these two says nothing, and is replaced by what the connection is. */
function knownScheme(scheme: string): string {
  if (scheme === "http" || scheme === "https") return scheme;
  const lower = scheme.toLowerCase();
  return lower === "http" || lower === "https" ? lower : "";
}
