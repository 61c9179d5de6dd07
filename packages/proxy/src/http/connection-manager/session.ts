import type { HeaderMap } from "@nuncio/codec";
import type { StreamInfo } from "../../observe/stream-info.ts";
import type { CloseReason } from "../../transport/connection.ts";
import type { ActiveStream } from "./active-stream.ts";

/** The version of HTTP that a downstream connection speaks; with it begin the names of its stats. */
export type DownstreamProtocol = "http1" | "http2";

/** What one downstream connection does in the protocol that its first bytes, or ALPN, named. */
export interface DownstreamSession {
  readonly protocol: DownstreamProtocol;
  readonly hasStreams: boolean;
  onData(buffer: Buffer, start: number, end: number): void;
  /** The socket is gone. */
  onClose(reason: CloseReason): void;
  onAboveWriteBufferHighWatermark(): void;
  onBelowWriteBufferLowWatermark(): void;
  /** A stream asked for a protocol that is not allowed: the connection ends behind the reply. */
  onUpgradeRefused(): void;
  /** request_headers_timeout passed inside a head. */
  onHeadTimeout(): void;
  /** The client is to know that the connection will end: with its next response, or at once where the protocol can. */
  startDrain(): void;
  /** The connection ends now: says so where the protocol can. */
  sayGoodbye(): void;
  /** drain_timeout has passed: ends as soon as nothing is under way. */
  finishDrain(): void;
}

/** What a codec knows of a request beside its headers. */
export interface RequestFacts {
  /** There was an authority, even if empty. */
  hasHost: boolean;
  /** Asks for another protocol: by `upgrade`, or by the `:protocol` of a CONNECT. */
  readonly asksForUpgrade: boolean;
  /** Its name in lower case; else empty. */
  readonly upgrade: string;
}

/** Where one stream's request comes from and its response goes to (Envoy's response encoder and its stream). */
export interface DownstreamStream {
  readonly request: RequestFacts;
  /** How many things keep the response from being read: each counts as one call above the high watermark. */
  readonly outputBlocks: number;
  /** `HTTP/1.1`, `HTTP/2`. */
  readonly protocolText: string;
  /** Bytes behind the request's head are another protocol's from here on. */
  acceptUpgrade(): void;
  /** A reply is about to be made here. */
  onLocalReply(status: number): void;
  sendHeaders(stream: ActiveStream, headers: HeaderMap, endStream: boolean): void;
  sendData(data: Buffer, endStream: boolean): void;
  sendTrailers(trailers: HeaderMap): void;
  send1xx(headers: HeaderMap): void;
  /** Stops or resumes the sender of the request; calls nest. */
  pushBack(on: boolean): void;
  /** Writes the stream's bytes so far to `info`. */
  noteBytes(info: StreamInfo): void;
  /** The response was sent to its end. */
  onResponseComplete(stream: ActiveStream): void;
  /** What was sent is not taken by the client within its time (`stream_flush_timeout`). */
  onFlushTimeout(stream: ActiveStream): void;
  /** The stream ends without a (further) reply. */
  onStreamReset(stream: ActiveStream): void;
  /** A new stream for the same request; its bytes are counted on, and it counts as a request of its own. */
  replaceStream(old: ActiveStream): ActiveStream;
}
