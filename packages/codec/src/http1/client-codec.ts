import type { ByteSink, CodecError, MessageCallbacks } from "../callbacks.ts";
import type { HeaderMap } from "../header-map.ts";
import { ConnectionOption } from "./connection-options.ts";
import { DecoderState, Http1Decoder } from "./decoder.ts";
import { Http1Encoder } from "./encoder.ts";
import { Http1Error } from "./errors.ts";
import { BodyKind } from "./framing.ts";
import { type HeadScanner, Section } from "./head-scanner.ts";
import { isBodilessMethod } from "./methods.ts";
import type { Http1Options } from "./options.ts";
import { RequestKind, ResponseHead } from "./response-head.ts";

/** What a client codec tells. */
export interface ClientCallbacks extends MessageCallbacks {
  /** An informational response (100, 102, 103 …); the final one is still to come. */
  on1xxHeaders(headers: HeaderMap): void;
}

/**
 * The client's side of one HTTP/1 connection: requests out, responses in, one at a time. `encodeHeaders` starts an
 * exchange; the connection may be used again when `reusable` says so.
 */
export class Http1ClientCodec extends Http1Decoder<ClientCallbacks> {
  /** The facts of the current response. */
  readonly response = new ResponseHead();
  /** False when the connection must not be used again after this exchange. Once false it stays so. */
  keepAlive = true;
  /** Bytes came behind the response. They belong to nobody, and are not read. */
  hasExtraBytes = false;
  /** Bytes of the request head without request line and last line end, as %UPSTREAM_HEADER_BYTES_SENT%. */
  headerBytesSent = 0;
  /** Of the interim responses to the current request, counted as a head's `headerBytes`. */
  interimHeaderBytes = 0;
  /** Bytes of the request head on the wire. */
  headBytesSent = 0;

  readonly #encoder: Http1Encoder;
  #requestKind: RequestKind = RequestKind.Plain;
  #interimResponses = 0;

  constructor(callbacks: ClientCallbacks, options: Http1Options) {
    super(callbacks, options, Section.Response);
    this.#encoder = new Http1Encoder(options.headerKeyFormat, options.enableTrailers);
    this.state = DecoderState.Complete;
  }

  /** The response switched protocols: bytes pass as they are, both ways, until `finish`. */
  get upgraded(): boolean {
    return this.response.switchesProtocol;
  }

  /** The response under way ends with the connection. */
  get endsWithClose(): boolean {
    return this.state === DecoderState.UntilCloseBody;
  }

  /** The whole request was written. */
  get requestComplete(): boolean {
    return this.#encoder.complete;
  }

  /** Nothing is under way and the connection is good for another request. */
  get reusable(): boolean {
    return this.keepAlive && this.state === DecoderState.Complete && this.#encoder.complete;
  }

  override execute(buffer: Buffer, start: number, end: number): number {
    if (this.state === DecoderState.Complete && end > start) {
      this.fail(Http1Error.UnsolicitedResponse);
      return 0;
    }
    return super.execute(buffer, start, end);
  }

  /**
   * The upstream closed, or closed its half. Ends a body that the close delimits; inside any other message it is
   * the error `http1.premature_close`. Before the first byte of a response it is none: the owner knows whether it
   * waits for one.
   */
  finish(): void {
    this.keepAlive = false;
    if (this.state === DecoderState.UntilCloseBody) this.endUntilClose();
    else if (this.state !== DecoderState.Head || this.insideHead) {
      if (this.state < DecoderState.Complete) this.fail(Http1Error.PrematureClose);
    }
  }

  /** Writes the head of a request and makes ready for its response. */
  encodeHeaders(sink: ByteSink, request: HeaderMap, endStream: boolean): void {
    const encoder = this.#encoder;
    const method = request.method;
    const isConnect = method === "CONNECT";
    const requestLine = `${method} ${this.#target(request)} HTTP/1.1\r\n`;
    let text = encoder.lines(
      `${requestLine}${encoder.hostLine(request)}${request.authority}\r\n`,
      request,
      !isConnect,
      true,
    );
    const upgrades = encoder.hasUpgrade && (encoder.connection & ConnectionOption.Upgrade) !== 0;
    this.#requestKind = requestKind(method, upgrades);
    let kind: BodyKind = BodyKind.None;
    if (isConnect || upgrades) {
      kind = BodyKind.UntilClose;
    } else if (encoder.contentLength >= 0) {
      kind = BodyKind.Length;
    } else if (!endStream) {
      kind = BodyKind.Chunked;
      text += encoder.own.chunked;
    } else if (!isBodilessMethod(method)) {
      text += encoder.own.contentLengthZero;
    }
    encoder.begin(kind, endStream);
    if ((encoder.connection & ConnectionOption.Close) !== 0 || encoder.broken)
      this.keepAlive = false;
    this.headBytesSent = text.length + 2;
    this.headerBytesSent = text.length - requestLine.length;
    this.#interimResponses = 0;
    this.interimHeaderBytes = 0;
    this.response.switchesProtocol = false;
    this.state = DecoderState.Head;
    sink.writeLatin1(`${text}\r\n`);
  }

  /**
   * Writes a piece of the body, or of the tunnel once `upgraded`. Bytes before the switch of protocols would be
   * taken for a second request, so that is the owner's error.
   */
  encodeData(sink: ByteSink, data: Buffer, endStream: boolean): void {
    const tunnels = this.#requestKind >= RequestKind.Connect;
    if (tunnels && data.length > 0 && !this.upgraded)
      throw new Error("expected a switch of protocols before data");
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
    start: number,
    end: number,
  ): HeaderMap | CodecError {
    return this.response.read(scanner, buffer, start, end, this.#requestKind, this.options);
  }

  protected override onHead(headers: HeaderMap, bytesBehind: number): void {
    const response = this.response;
    if (headers.status < 200 && !response.switchesProtocol) {
      this.interimHeaderBytes += response.headerBytes;
      if (++this.#interimResponses > this.options.maxInterimResponses)
        this.fail(Http1Error.TooManyInterimResponses);
      // Envoy passes on those that it knows, and drops the others.
      else if (headers.status <= KNOWN_INTERIM_MAX) this.callbacks.on1xxHeaders(headers);
      return;
    }
    if (!response.wantsKeepAlive) this.keepAlive = false;
    this.enterBody(response.bodyKind, response.contentLength, bytesBehind);
    this.callbacks.onHeaders(headers, response.bodyKind === BodyKind.None);
  }

  /** Set before the last callback, in which a pool decides. */
  protected override onMessageEnd(bytesBehind: number): void {
    if (bytesBehind === 0) return;
    this.hasExtraBytes = true;
    this.keepAlive = false;
  }

  protected override fail(error: CodecError): void {
    this.keepAlive = false;
    super.fail(error);
  }

  #target(request: HeaderMap): string {
    if (request.method === "CONNECT") return request.authority;
    if (!this.options.sendFullyQualifiedUrl) return request.path;
    return `${request.scheme}://${request.authority}${request.path}`;
  }
}

function requestKind(method: string, upgrades: boolean): RequestKind {
  if (method === "CONNECT") return RequestKind.Connect;
  if (upgrades) return method === "HEAD" ? RequestKind.HeadUpgrade : RequestKind.Upgrade;
  return method === "HEAD" ? RequestKind.Head : RequestKind.Plain;
}

/** 100, 102 Processing, 103 Early Hints and 104 Upload Resumption Supported. */
const KNOWN_INTERIM_MAX = 104;
