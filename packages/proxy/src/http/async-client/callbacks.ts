import type { HeaderMap } from "@nuncio/codec";

/** Told of a request that the proxy sends for itself. Data is borrowed; the last call is the one that says so. */
export interface AsyncStreamCallbacks {
  /** The head of the response; with `endStream` nothing follows. */
  onHeaders(headers: HeaderMap, endStream: boolean): void;
  onData(data: Buffer, endStream: boolean): void;
  /** Nothing follows. */
  onTrailers(trailers: HeaderMap): void;
  /** There is no response: what a client of the proxy would be answered instead. Nothing follows. */
  onLocalReply(status: number, body: string): void;
  /** The response breaks off behind its head. Nothing follows. */
  onReset(): void;
  /** More of the request is to be held back until it is below again. */
  onAboveWriteBufferHighWatermark(): void;
  onBelowWriteBufferLowWatermark(): void;
}
