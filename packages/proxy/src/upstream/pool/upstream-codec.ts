import type { ByteSink, HeaderMap } from "@nuncio/codec";

/** What a connection asks of the codec of its protocol: HTTP/1's client side, or none that speaks HTTP. */
export interface UpstreamCodec {
  readonly response: {
    readonly http10: boolean;
    readonly hasHopByHop: boolean;
    readonly asksToClose: boolean;
    readonly headerBytes: number;
  };
  /** Of the interim responses before the final one. */
  readonly interimHeaderBytes: number;
  readonly trailerBytes: number;
  readonly headerBytesSent: number;
  /** What passes is no HTTP: only a half close can end it well. */
  readonly upgraded: boolean;
  readonly endsWithClose: boolean;
  readonly hasExtraBytes: boolean;
  readonly requestComplete: boolean;
  readonly reusable: boolean;
  encodeHeaders(sink: ByteSink, request: HeaderMap, endStream: boolean): void;
  encodeData(sink: ByteSink, data: Buffer, endStream: boolean): void;
  encodeTrailers(sink: ByteSink, trailers: HeaderMap): void;
  execute(buffer: Buffer, start: number, end: number): number;
  /** The peer closed, or closed its half. */
  finish(): void;
}
