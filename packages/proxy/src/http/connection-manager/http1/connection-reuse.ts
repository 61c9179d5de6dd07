import type { HeaderMap, Http1ServerCodec } from "@nuncio/codec";
import type { NetworkFilterCallbacks } from "../../../network/filter.ts";
import type { ActiveStream } from "../active-stream.ts";
import type { HttpConnection } from "../http-connection.ts";

/** Decides whether another request may come on a connection, and tells the codec, which tells the client. */
export class ConnectionReuse {
  readonly #connection: HttpConnection;
  readonly #callbacks: NetworkFilterCallbacks;
  #requests = 0;
  /** The client asked for the close with its request, or sent as many as it may. */
  #lastRequest = false;

  constructor(connection: HttpConnection, callbacks: NetworkFilterCallbacks) {
    this.#connection = connection;
    this.#callbacks = callbacks;
  }

  onStream(): void {
    this.#requests++;
    if (this.#exhausted) this.#connection.count("downstream_cx_max_requests_reached");
  }

  onRequestHead(codec: Http1ServerCodec, stream: ActiveStream): void {
    if (this.#exhausted || stream.endsConnection) codec.keepAlive = false;
    this.#lastRequest = !codec.keepAlive;
  }

  /** The same request has a new stream, which counts as a request of its own. */
  onReplacedStream(codec: Http1ServerCodec): void {
    if (this.#exhausted) codec.keepAlive = false;
  }

  /** The sender of a bad request is not trusted with another one on this connection, as in Envoy. */
  onLocalReply(codec: Http1ServerCodec, status: number): void {
    if (status === 400 && !this.#connection.config.streamErrorOnInvalidMessage)
      codec.keepAlive = false;
  }

  /** `draining`: the connection has said that this is the last response. */
  onResponseHead(codec: Http1ServerCodec, stream: ActiveStream, draining: boolean): void {
    const connection = this.#connection;
    if (!stream.requestComplete) {
      // HTTP/1 cannot tell the end of a request that nobody reads from the start of the next.
      codec.keepAlive = false;
      connection.count("downstream_rq_response_before_rq_complete");
    }
    if (endedByClose(codec, stream.responseHeaders)) codec.keepAlive = false;
    if (!codec.keepAlive) return;
    if (draining) codec.keepAlive = false;
    else if (connection.refusesKeepalive() || this.#callbacks.drainClose()) {
      codec.keepAlive = false;
      connection.count("downstream_cx_drain_close");
    }
  }

  /** Who sent all it wanted, and was read to the end, cannot lose the response to a reset. */
  nothingFollows(codec: Http1ServerCodec, stream: ActiveStream): boolean {
    return (
      stream.requestComplete && (this.#lastRequest || endedByClose(codec, stream.responseHeaders))
    );
  }

  get #exhausted(): boolean {
    return this.#requests >= this.#connection.config.maxRequestsPerConnection;
  }
}

/**
 * The end of the connection is the end of the body: a response without a length to a client of HTTP/1.0. As in Envoy
 * also where there is no body, and the codec adds a length of zero.
 */
function endedByClose({ request }: Http1ServerCodec, response: HeaderMap | null): boolean {
  return request.http10 && response?.has("content-length") !== true;
}
