import type { ByteSink, CodecError, MessageCallbacks } from "../callbacks.ts";
import type { HeaderMap } from "../header-map.ts";
import { ConnectionOption } from "./connection-options.ts";
import { DecoderState, Http1Decoder } from "./decoder.ts";
import { Http1Encoder } from "./encoder.ts";
import { BodyKind } from "./framing.ts";
import { type HeadScanner, Section } from "./head-scanner.ts";
import type { Http1Options } from "./options.ts";
import { statusLine } from "./reason-phrases.ts";
import { RequestHead } from "./request-head.ts";

/** What a server codec tells. */
export interface ServerCallbacks extends MessageCallbacks {}

/**
 * The server's side of one HTTP/1 connection: requests in, responses out, one at a time.
 *
 * `execute` stops behind a request until `nextRequest` (its response is complete) or `acceptUpgrade`; the caller
 * keeps the bytes that were not taken, which may be pipelined requests. A CONNECT request, and one that asks for an
 * upgrade, is delivered with `endStream` false, because bytes may follow once it is accepted; none do before.
 */
export class Http1ServerCodec extends Http1Decoder<ServerCallbacks> {
  /** The facts of the current request, from `onHeaders` to `nextRequest`. */
  readonly request = new RequestHead();
  /**
   * False when the connection must close after the current response: the client asked for it, the protocol demands
   * it, or the owner set it (draining). Once false it stays so. The response says `connection: close` when it was
   * false at `encodeHeaders`; later look at it again after the end of the response.
   */
  keepAlive = true;
  /** Bytes of the response head without status line and last line end, as %DOWNSTREAM_HEADER_BYTES_SENT%. */
  headerBytesSent = 0;
  /** Bytes of the response head on the wire. */
  headBytesSent = 0;

  readonly #encoder: Http1Encoder;
  #method = "";

  constructor(callbacks: ServerCallbacks, options: Http1Options) {
    super(callbacks, options, Section.Request);
    this.#encoder = new Http1Encoder(options.headerKeyFormat, options.enableTrailers);
  }

  /** The whole request has been read. */
  get requestComplete(): boolean {
    return this.state >= DecoderState.Complete;
  }

  /** The response is complete: ready for the next request. Does nothing while this one is not complete. */
  nextRequest(): void {
    if (this.state === DecoderState.Complete) this.state = DecoderState.Head;
    this.request.headerBytes = 0;
    this.request.refusedAsHttp10 = false;
  }

  /** Bytes behind the head are the tunnel's from here on, both ways, until `finish`. */
  acceptUpgrade(): void {
    if (this.state === DecoderState.Complete) this.state = DecoderState.UntilCloseBody;
    this.keepAlive = false;
  }

  /** The client closed its half. Ends a tunnel; means nothing to a request, whose stream the owner resets. */
  finish(): void {
    if (this.state === DecoderState.UntilCloseBody) this.endUntilClose();
  }

  /** Writes an informational response; nothing to a client of HTTP/1.0 (RFC 9110 15.2). */
  encode1xxHeaders(sink: ByteSink, response: HeaderMap): void {
    if (this.request.http10) return;
    sink.writeLatin1(
      `${this.#encoder.lines(startLine(response, false), response, false, false)}\r\n`,
    );
  }

  /** Writes the head of the response, with the framing that status, method and headers ask for. */
  encodeHeaders(sink: ByteSink, response: HeaderMap, endStream: boolean): void {
    const encoder = this.#encoder;
    const status = response.status;
    const http10 = this.request.http10;
    const tunnel = status === 101 || (this.#method === "CONNECT" && status >= 200 && status < 300);
    const lengthAllowed = !tunnel && status !== 204;
    const start = startLine(response, http10);
    let text = encoder.lines(start, response, lengthAllowed, tunnel);
    const framing = this.#beginBody(status, tunnel, endStream);
    if ((encoder.connection & ConnectionOption.Close) !== 0 || encoder.broken)
      this.keepAlive = false;
    if (!tunnel || status > 200) {
      // Also to a CONNECT that succeeds with something else than 200, as Envoy.
      if (!this.keepAlive) text += encoder.own.connectionClose;
      else if (http10) text += encoder.own.connectionKeepAlive;
    }
    text += framing === "" ? "\r\n" : `${framing}\r\n`;
    this.headBytesSent = text.length;
    this.headerBytesSent = text.length - start.length - 2;
    sink.writeLatin1(text);
  }

  /** Decides how the body ends (RFC 9112 6.3), and starts it. Returns the line that tells the client, if one must. */
  #beginBody(status: number, tunnel: boolean, endStream: boolean): string {
    const encoder = this.#encoder;
    const http10 = this.request.http10;
    const bodiless = status === 204 || status === 304;
    if (tunnel) {
      encoder.begin(BodyKind.UntilClose, endStream);
      this.keepAlive = false;
      return "";
    }
    if (bodiless || this.#method === "HEAD") {
      encoder.begin(BodyKind.None, endStream);
      return bodiless || http10 || encoder.contentLength >= 0 ? "" : encoder.own.chunked;
    }
    if (encoder.contentLength >= 0) {
      encoder.begin(BodyKind.Length, endStream);
      return "";
    }
    if (endStream) {
      encoder.begin(BodyKind.None, true);
      return encoder.own.contentLengthZero;
    }
    encoder.begin(http10 ? BodyKind.UntilClose : BodyKind.Chunked, false);
    if (!http10) return encoder.own.chunked;
    this.keepAlive = false;
    return "";
  }

  /** Writes a piece of the body; nothing where there can be none (HEAD, 204, 304). */
  encodeData(sink: ByteSink, data: Buffer, endStream: boolean): void {
    this.#encoder.data(sink, data, endStream);
    if (this.#encoder.broken) this.keepAlive = false;
  }

  /** Ends the body with trailers, where enabled and chunked; else just ends it. */
  encodeTrailers(sink: ByteSink, trailers: HeaderMap): void {
    this.headerBytesSent += this.#encoder.trailers(sink, trailers);
    if (this.#encoder.broken) this.keepAlive = false;
  }

  protected override readHead(
    scanner: HeadScanner,
    buffer: Buffer,
    _start: number,
    end: number,
  ): HeaderMap | CodecError {
    return this.request.read(scanner, buffer, end, this.options);
  }

  protected override onHead(headers: HeaderMap, bytesBehind: number): void {
    const request = this.request;
    if (!request.wantsKeepAlive) this.keepAlive = false;
    this.#method = headers.method;
    const mayTunnel = request.asksForUpgrade || headers.method === "CONNECT";
    this.enterBody(request.bodyKind, request.contentLength, bytesBehind);
    this.callbacks.onHeaders(headers, request.bodyKind === BodyKind.None && !mayTunnel);
  }

  protected override onMessageEnd(): void {}

  protected override fail(error: CodecError): void {
    this.keepAlive = false;
    if (this.state === DecoderState.Head) {
      // The reply answers a request that nobody could read: neither its method nor the one before counts.
      this.#method = "";
      this.request.http10 = this.request.refusedAsHttp10;
    }
    super.fail(error);
  }
}

/** The status line, with the reason phrase that came with the response where it is kept. */
function startLine(response: HeaderMap, http10: boolean): string {
  const { status, spelling } = response;
  return spelling === null || spelling.reasonPhrase === ""
    ? statusLine(status, http10)
    : `HTTP/1.${http10 ? 0 : 1} ${status} ${spelling.reasonPhrase}\r\n`;
}
