import type { CodecError, HeaderMap, MessageCallbacks } from "@nuncio/codec";
import type { Http1Session } from "./session.ts";

/** What the codec tells, passed on to the connection; an object of its own because sockets and codecs both have data. */
export class RequestReceiver implements MessageCallbacks {
  readonly #session: Http1Session;

  constructor(session: Http1Session) {
    this.#session = session;
  }

  onHeaders(headers: HeaderMap, endStream: boolean): void {
    this.#session.onRequestHeaders(headers, endStream);
  }

  onData(data: Buffer, endStream: boolean): void {
    this.#session.onRequestData(data, endStream);
  }

  onTrailers(trailers: HeaderMap): void {
    this.#session.onRequestTrailers(trailers);
  }

  onCodecError(error: CodecError): void {
    this.#session.onRequestError(error);
  }
}
