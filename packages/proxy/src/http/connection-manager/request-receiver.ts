import type { CodecError, HeaderMap, MessageCallbacks } from "@nuncio/codec";
import type { HttpConnection } from "./http-connection.ts";

/** What the codec tells, passed on to the connection; an object of its own because sockets and codecs both have data. */
export class RequestReceiver implements MessageCallbacks {
  readonly #connection: HttpConnection;

  constructor(connection: HttpConnection) {
    this.#connection = connection;
  }

  onHeaders(headers: HeaderMap, endStream: boolean): void {
    this.#connection.onRequestHeaders(headers, endStream);
  }

  onData(data: Buffer, endStream: boolean): void {
    this.#connection.onRequestData(data, endStream);
  }

  onTrailers(trailers: HeaderMap): void {
    this.#connection.onRequestTrailers(trailers);
  }

  onCodecError(error: CodecError): void {
    this.#connection.onRequestError(error);
  }
}
