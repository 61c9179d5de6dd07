import type { HeaderMap } from "../header-map.ts";
import type { Http2StreamCallbacks } from "./callbacks.ts";

/** One stream of a connection, seen from its owner. A class of the codec implements it. */
export interface Http2Stream {
  readonly id: number;
  callbacks: Http2StreamCallbacks;
  /** What came: bytes of the header block(s) on the wire, of the trailers' among them, and of all frames of the stream. */
  readonly headerBytesReceived: number;
  readonly trailerBytesReceived: number;
  readonly wireBytesReceived: number;
  readonly headerBytesSent: number;
  readonly wireBytesSent: number;
  /** Our half has ended, or the peer's has; a reset ends both. */
  readonly localEnded: boolean;
  readonly remoteEnded: boolean;
  /** DATA that waits for a window, in bytes. */
  readonly bufferedBytes: number;

  /** Server side. */
  encode1xxHeaders(headers: HeaderMap): void;
  /** The head of our message; connection-specific headers are gone already (RFC 9113 8.2.2). */
  encodeHeaders(headers: HeaderMap, endStream: boolean): void;
  /** Borrowed; what the windows do not let out yet is copied. */
  encodeData(data: Buffer, endStream: boolean): void;
  encodeTrailers(trailers: HeaderMap): void;
  /** RST_STREAM with `code` (RFC 9113 7). No callback of the stream follows but `onStreamClosed` of its connection. */
  reset(code: number): void;
  /** No WINDOW_UPDATE for what is read from here on, or resumes them; calls nest. */
  readDisable(disable: boolean): void;
}
