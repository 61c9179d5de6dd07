import type { ClientCallbacks, HeaderMap } from "@nuncio/codec";
import type { Http1Connection } from "./http1-connection.ts";

/** What the codec tells, passed on to the connection; an object of its own because sockets and codecs both have data. */
export class ResponseReceiver implements ClientCallbacks {
  readonly #connection: Http1Connection;

  constructor(connection: Http1Connection) {
    this.#connection = connection;
  }

  on1xxHeaders(headers: HeaderMap): void {
    this.#connection.onResponse1xx(headers);
  }

  onHeaders(headers: HeaderMap, endStream: boolean): void {
    this.#connection.onResponseHeaders(headers, endStream);
  }

  onData(data: Buffer, endStream: boolean): void {
    this.#connection.onResponseData(data, endStream);
  }

  onTrailers(trailers: HeaderMap): void {
    this.#connection.onResponseTrailers(trailers);
  }

  onCodecError(): void {
    this.#connection.onResponseError();
  }
}
