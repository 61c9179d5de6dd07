import type { HeaderMap } from "@nuncio/codec";
import type { Address } from "../../observe/stream-info.ts";
import type { Connection } from "../../transport/connection.ts";

/** What is known of the connection that carries a request. */
export interface UpstreamCarrier {
  readonly socket: Pick<Connection, "id" | "tls">;
  /** Null where there is no connection. */
  readonly localAddress: Address | null;
  /** When connecting began, and when it was done: monotonic milliseconds; -1 where there is no connection. */
  readonly startMs: number;
  readonly connectedMs: number;
  /** `HTTP/1.1`; empty where what passes is no HTTP. */
  readonly protocol: string;
}

/** One exchange with a host, seen from who sent the request (Envoy's request encoder and its stream). */
export interface UpstreamStream {
  readonly carrier: UpstreamCarrier;
  /** The host agreed to another protocol: what is sent is no HTTP any more. */
  readonly upgraded: boolean;
  /** Bytes on the wire of the request and of its response, so far. */
  readonly wireBytesSent: number;
  readonly wireBytesReceived: number;
  /** Of the request's head, without its request line. */
  readonly headerBytesSent: number;
  /** Of the response's head, as %UPSTREAM_HEADER_BYTES_RECEIVED% counts. */
  readonly headerBytesReceived: number;
  /** Of the response's trailers, which `headerBytesReceived` has in it. */
  readonly trailerBytesReceived: number;

  encodeHeaders(headers: HeaderMap, endStream: boolean): void;
  encodeData(data: Buffer, endStream: boolean): void;
  encodeTrailers(trailers: HeaderMap): void;
  /** Stops or resumes the response; calls nest. */
  readDisable(disable: boolean): void;
  /** Gives up the exchange. */
  resetRequest(): void;
}
