import type { HeaderMap } from "./header-map.ts";

/** Where an encoder puts its bytes: a connection, or a test's recorder. */
export interface ByteSink {
  /** Appends text of which every char code is below 256. */
  writeLatin1(text: string): void;
  /** Appends bytes. `data` is borrowed: the sink writes or copies it before it returns. */
  writeBytes(data: Buffer): void;
}

/**
 * What a codec tells about the messages of one direction. Every `Buffer` is borrowed: it is a view into the
 * reader's buffer, valid until the call returns.
 */
export interface MessageCallbacks {
  /** A complete head. With `endStream`, nothing follows. */
  onHeaders(headers: HeaderMap, endStream: boolean): void;
  /** A piece of the body; `endStream` with the last one, which may be empty. */
  onData(data: Buffer, endStream: boolean): void;
  /** The trailers; they end the message. */
  onTrailers(trailers: HeaderMap): void;
  /** The peer broke the protocol. The codec takes no further input. */
  onCodecError(error: CodecError): void;
}

/** A violation of the protocol by the peer. Data, not an exception: wire input never throws. */
export interface CodecError {
  /** Stable, Envoy's response code detail where it has one: `http1.invalid_characters`. */
  readonly code: string;
  /** The status of the reply that a server sends: 400, 426, 431 or 501. */
  readonly status: number;
  /** The reply's body: `Bad Request`. */
  readonly reply: string;
}
