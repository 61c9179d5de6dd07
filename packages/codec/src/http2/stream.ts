import type { HeaderMap } from "../header-map.ts";
import type { Http2StreamCallbacks } from "./callbacks.ts";

/**
 * One stream of a connection, seen from its owner. A call that the state of the stream does not allow any more (behind the
 * end of our half, behind a reset) does nothing.
 */
export interface Http2Stream {
  /** On the client side 0 until `encodeHeaders`. */
  readonly id: number;
  callbacks: Http2StreamCallbacks;
  /**
   * What came and went on the wire, in octets, counted as Envoy does: header blocks with one frame head each, those of the
   * trailers among them; blocks that were refused not at all.
   */
  readonly headerBytesReceived: number;
  readonly trailerBytesReceived: number;
  readonly wireBytesReceived: number;
  readonly headerBytesSent: number;
  readonly wireBytesSent: number;
  /** Our half was ended, perhaps with data still waiting, or the peer's has; a reset ends both. */
  readonly localEnded: boolean;
  readonly remoteEnded: boolean;
  /** Both halves are gone, and `onStreamClosed` was or is being told. */
  readonly closed: boolean;
  /** DATA that waits for a window, in bytes. */
  readonly bufferedBytes: number;

  /** Server side. */
  encode1xxHeaders(headers: HeaderMap): void;
  /** The head of our message; connection-specific headers are gone already (RFC 9113 8.2.2). */
  encodeHeaders(headers: HeaderMap, endStream: boolean): void;
  /** Borrowed; what the windows do not let out yet is copied. */
  encodeData(data: Buffer, endStream: boolean): void;
  /** The map is the codec's from here on: it may have to wait behind data. */
  encodeTrailers(trailers: HeaderMap): void;
  /** RST_STREAM with `code` (RFC 9113 7). No callback of the stream follows but `onStreamClosed` of its connection. */
  reset(code: number): void;
  /** No WINDOW_UPDATE for what is read from here on, or resumes them; calls nest. */
  readDisable(disable: boolean): void;
}
