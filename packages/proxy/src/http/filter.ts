import type { HeaderMap } from "@nuncio/codec";
import type { FormatContext, StreamInfo } from "../observe/stream-info.ts";
import type { Demand } from "../on-demand/model.ts";
import type { HeaderLimits } from "./header-limits.ts";
import type { RouteEntry } from "./route/entry.ts";

/** What becomes of the chain after a filter saw headers (Envoy's `FilterHeadersStatus`). */
export const HeadersStatus = {
  /** On to the next filter. */
  Continue: 0,
  /** Stop here; data still comes to this filter. `continueDecoding()` or `continueEncoding()` goes on. */
  StopIteration: 1,
  /** Stop here, and buffer data up to the limit until the filter continues. */
  StopAllIterationAndBuffer: 2,
  /** Stop here, and buffer data, pushing back on the peer at the high watermark. */
  StopAllIterationAndWatermark: 3,
} as const;
export type HeadersStatus = (typeof HeadersStatus)[keyof typeof HeadersStatus];

/** What becomes of the chain after a filter saw data (Envoy's `FilterDataStatus`). */
export const DataStatus = {
  Continue: 0,
  /** Keep this data for later; above the buffer limit the stream ends with 413 (request) or 500 (response). */
  StopIterationAndBuffer: 1,
  /** Keep this data for later; above the buffer limit push back on the peer. */
  StopIterationAndWatermark: 2,
  /** The filter took the data itself. */
  StopIterationNoBuffer: 3,
} as const;
export type DataStatus = (typeof DataStatus)[keyof typeof DataStatus];

export const TrailersStatus = { Continue: 0, StopIteration: 1 } as const;
export type TrailersStatus = (typeof TrailersStatus)[keyof typeof TrailersStatus];

/** What both directions offer a filter. */
export interface StreamFilterCallbacks {
  readonly streamInfo: StreamInfo;
  /** What substitution formatters read. */
  readonly formatContext: FormatContext;
  /** The same where values are made for a response that is not under way yet; `headers` are its headers. */
  responseContext(headers: HeaderMap): FormatContext;
  /** Uniform in [0, 1); drawn once per stream, so that choices agree. */
  readonly random: number;
  /** The request's headers; null before they came. */
  readonly requestHeaders: HeaderMap | null;
  /** The chosen route entry, computed on first use; null when nothing matches. */
  route(): RouteEntry | null;
  /** Forgets the chosen route, so that the next `route()` computes it anew. */
  clearRouteCache(): void;
  /** What the filter is called by in its chain. */
  readonly filterName: string;
  /**
   * The most specific `typed_per_filter_config` of this filter's name, as the filter built it; null if there is none, or it is
   * not of the filter of this `configType`: names are free, and a filter of ECDS may become another one.
   */
  perRouteConfig(configType: string): unknown;
  /** All of them that are of the filter, least specific (route table) to most specific (weighted cluster). */
  perRouteConfigs(configType: string): readonly unknown[];
  /** Bytes a filter may buffer (per_connection_buffer_limit_bytes or request_body_buffer_limit). */
  readonly bufferLimitBytes: number;
}

/** A host that a request asks for, instead of one that the load balancer chooses. */
export interface UpstreamOverrideHost {
  /** `10.0.0.1:80` */
  readonly address: string;
  /** No other one is taken where it cannot be had. */
  readonly strict: boolean;
  /** The answer to a strict request whose cluster has no such host; one that is not healthy is 503. */
  readonly statusWhenMissing: number;
}

/** The state of the downstream's output. */
export interface DownstreamWatermarkCallbacks {
  onAboveWriteBufferHighWatermark(): void;
  onBelowWriteBufferLowWatermark(): void;
}

/** What the request direction offers a filter (Envoy's `StreamDecoderFilterCallbacks`). */
export interface DecoderFilterCallbacks extends StreamFilterCallbacks {
  /** Bytes on their way that make their sender wait (per_connection_buffer_limit_bytes), whatever the route says. */
  readonly connectionLimitBytes: number;
  /** How much of headers a client may send here. */
  readonly requestHeaderLimits: HeaderLimits;
  /** The host that a filter before the router wants; null for none. */
  readonly upstreamOverrideHost: UpstreamOverrideHost | null;
  setUpstreamOverrideHost(host: UpstreamOverrideHost): void;
  /** `bufferLimitBytes` from now on, whatever route and connection say. */
  setDecoderBufferLimit(bytes: number): void;
  continueDecoding(): void;
  /** What may bring a route to a request that has none; null when nothing can. */
  routeDemand(): Demand | null;
  /** Data that stopped at this filter, or null. It may be changed in place. */
  decodingBuffer(): Buffer | null;
  /** From `decodeData`: what goes on, or is held, instead of the data that it was called with; borrowed likewise. */
  replaceDecodedData(data: Buffer): void;
  /**
   * Answers from here. Passes local_reply_config, the filters' encode side and the access log.
   * `body` is a byte string; `details` becomes %RESPONSE_CODE_DETAILS%. A gRPC request gets its status as headers.
   */
  sendLocalReply(
    status: number,
    body: string,
    details: string,
    modify?: (headers: HeaderMap) => void,
  ): void;
  /** For terminal filters: an interim response; it passes the chain without stopping anything. */
  encode1xxHeaders(headers: HeaderMap): void;
  /** For terminal filters: gives the response to the chain. */
  encodeHeaders(headers: HeaderMap, endStream: boolean): void;
  encodeData(data: Buffer, endStream: boolean): void;
  encodeTrailers(trailers: HeaderMap): void;
  /** Ends the stream without a reply (headers were sent already, or none make sense). */
  resetStream(details: string): void;
  /**
   * Ends this stream without an answer and begins a new one with the request's headers as they are now, and with this body.
   * `response` is what the log shows. False, and nothing happened, while the request is still coming.
   */
  recreateStream(response: HeaderMap, body: Buffer | null): boolean;
  /** Brings what the stream's facts say of the downstream's bytes up to date; it is final at the end only. */
  noteDownstreamBytes(): void;
  /** Tells when the downstream's output piles up and when it is gone; for who produces the response. */
  addDownstreamWatermarkCallbacks(callbacks: DownstreamWatermarkCallbacks): void;
  /** Push back on, or let go, the downstream reader; calls nest. */
  onDecoderFilterAboveWriteBufferHighWatermark(): void;
  onDecoderFilterBelowWriteBufferLowWatermark(): void;
}

/** What the response direction offers a filter (Envoy's `StreamEncoderFilterCallbacks`). */
export interface EncoderFilterCallbacks extends StreamFilterCallbacks {
  readonly responseHeaders: HeaderMap | null;
  continueEncoding(): void;
  encodingBuffer(): Buffer | null;
  /** From `encodeData`: what goes on, or is held, instead of the data that it was called with; borrowed likewise. */
  replaceEncodedData(data: Buffer): void;
  /** From `encodeTrailers`, or with `addEncodedTrailers`: more data behind all that came before; borrowed. */
  addEncodedData(data: Buffer): void;
  /** From `encodeHeaders` or `encodeData` that end the response, and that let it continue: trailers behind it. */
  addEncodedTrailers(trailers: HeaderMap): void;
  sendLocalReply(
    status: number,
    body: string,
    details: string,
    modify?: (headers: HeaderMap) => void,
  ): void;
}

/**
 * One HTTP filter, one object per stream. All methods are synchronous; a filter that must wait returns a stop
 * status and continues later. `Buffer`s are borrowed until the call returns. A method that throws ends its
 * stream with a 500 and a stat, nothing else.
 */
export interface HttpFilter {
  setDecoderFilterCallbacks?(callbacks: DecoderFilterCallbacks): void;
  setEncoderFilterCallbacks?(callbacks: EncoderFilterCallbacks): void;
  decodeHeaders?(headers: HeaderMap, endStream: boolean): HeadersStatus;
  decodeData?(data: Buffer, endStream: boolean): DataStatus;
  decodeTrailers?(trailers: HeaderMap): TrailersStatus;
  /** The request is complete for this filter (after the last decode call). */
  decodeComplete?(): void;
  encode1xxHeaders?(headers: HeaderMap): HeadersStatus;
  encodeHeaders?(headers: HeaderMap, endStream: boolean): HeadersStatus;
  encodeData?(data: Buffer, endStream: boolean): DataStatus;
  encodeTrailers?(trailers: HeaderMap): TrailersStatus;
  encodeComplete?(): void;
  /** The request is answered from here: who was to answer it gives up. */
  onLocalReply?(): void;
  /** Before a line of the access log that stands for a stream under way: what is noted at its end is noted for now. */
  onEarlyLog?(): void;
  /** Before the access log is written; the stream's facts are final. */
  onStreamComplete?(): void;
  /** The stream is gone. Called exactly once; drop timers and references. */
  onDestroy?(): void;
}
