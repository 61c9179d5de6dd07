import type { CodecError } from "../callbacks.ts";
import { HeaderMap } from "../header-map.ts";
import { addConnectionOptions, ConnectionOption } from "./connection-options.ts";
import { Http1Error } from "./errors.ts";
import { BodyKind, isChunked, parseContentLength } from "./framing.ts";
import type { HeadScanner } from "./head-scanner.ts";
import { HEADER_NAMES, NameId } from "./header-names.ts";
import { HeaderSpelling } from "./header-spelling.ts";
import { LineReader } from "./line-reader.ts";
import type { Http1Options } from "./options.ts";

/** What the response's framing depends on: the request that it answers. */
export const RequestKind = {
  Plain: 0,
  Head: 1,
  Connect: 2,
  /** Asked for a switch of protocols. */
  Upgrade: 3,
  /** The same with HEAD: without the switch there is no body. */
  HeadUpgrade: 4,
} as const;
export type RequestKind = (typeof RequestKind)[keyof typeof RequestKind];

/** The facts of the response that a client codec is at. One object per codec, written anew by each head. */
export class ResponseHead extends LineReader {
  http10 = false;
  /** The upstream keeps the connection open behind this response. */
  wantsKeepAlive = true;
  /** The upstream said that it closes, by `connection` or its version. */
  asksToClose = false;
  /** There is something for `stripHopByHop`. */
  hasHopByHop = false;
  /** The connection carries another protocol from here on: 101, or 2xx to CONNECT. */
  switchesProtocol = false;
  bodyKind: BodyKind = BodyKind.None;
  /** Of a body of kind Length. */
  contentLength = 0;

  #seen = 0;
  #connection = 0;
  #length = 0;

  /** Makes the header map of a scanned head, and sets the facts. `end` is the offset behind the head. */
  read(
    scanner: HeadScanner,
    buffer: Buffer,
    start: number,
    end: number,
    request: RequestKind,
    options: Http1Options,
  ): HeaderMap | CodecError {
    this.#seen = 0;
    this.#connection = 0;
    if (scanner.versionMajor !== 1) return Http1Error.LowVersion;
    this.http10 = scanner.versionMinor === 0;
    const headers = new HeaderMap();
    headers.status = scanner.status;
    const text = buffer.latin1Slice(start, end);
    const error = this.readLines(scanner, buffer, text, start, headers, "ALLOW");
    if (error !== null) return error;
    if (options.preserveCase !== null) {
      headers.spelling = new HeaderSpelling(
        options.preserveCase,
        scanner,
        text,
        start,
        reasonPhrase(text),
      );
    }
    this.hasHopByHop = (this.#seen & HOP_BY_HOP) !== 0;
    const close = (this.#connection & ConnectionOption.Close) !== 0;
    this.asksToClose =
      close || (this.http10 && (this.#connection & ConnectionOption.KeepAlive) === 0);
    this.wantsKeepAlive = !this.asksToClose;
    return this.#readBody(headers, request, options) ?? headers;
  }

  protected override readSpecial(id: number, value: string, headers: HeaderMap): CodecError | null {
    const seenBefore = (this.#seen & (1 << id)) !== 0;
    this.#seen |= 1 << id;
    switch (id) {
      case NameId.ContentLength:
        this.#length = seenBefore ? -1 : parseContentLength(value);
        if (this.#length < 0) return Http1Error.CodecError;
        headers.entries.push(HEADER_NAMES[id]!, String(this.#length));
        return null;
      case NameId.TransferEncoding:
        if (seenBefore || !isChunked(value)) this.#seen |= INVALID_CODING;
        return null;
      case NameId.Connection:
        this.#connection = addConnectionOptions(this.#connection, value);
        break;
      case NameId.ProxyConnection:
        // Meant for proxies, and Envoy heeds its "close".
        this.#connection |= addConnectionOptions(0, value) & ConnectionOption.Close;
        break;
    }
    headers.entries.push(HEADER_NAMES[id]!, value);
    return null;
  }

  /** RFC 9112 6.3 for responses. */
  #readBody(headers: HeaderMap, request: RequestKind, options: Http1Options): CodecError | null {
    this.switchesProtocol = false;
    this.contentLength = 0;
    this.bodyKind = BodyKind.None;
    if (headers.status < 200) return this.#readBodiless(headers, request);
    if (request === RequestKind.Connect && headers.status < 300) {
      headers.remove("content-length");
      return this.#switchProtocol(true);
    }
    if (headers.status === 204) return this.#readBodiless(headers, request);
    const error = this.#checkCoding(headers, options);
    if (error !== null) return error;
    const bodiless = request === RequestKind.Head || request === RequestKind.HeadUpgrade;
    if (bodiless || headers.status === 304) return null;
    if (this.#has(NameId.TransferEncoding)) {
      this.bodyKind = BodyKind.Chunked;
    } else if (this.#has(NameId.ContentLength)) {
      this.contentLength = this.#length;
      if (this.#length > 0) this.bodyKind = BodyKind.Length;
    } else {
      this.bodyKind = BodyKind.UntilClose;
      this.wantsKeepAlive = false;
    }
    return null;
  }

  /** RFC 9110 6.4.1, 8.6: 1xx and 204 have no framing fields; a length of zero is harmless, as in Envoy. */
  #readBodiless(headers: HeaderMap, request: RequestKind): CodecError | null {
    if (this.#has(NameId.TransferEncoding)) return Http1Error.InvalidTransferEncoding;
    if (this.#has(NameId.ContentLength)) {
      if (this.#length > 0) return Http1Error.BodyDisallowed;
      headers.remove("content-length");
    }
    if (headers.status !== 101) return null;
    // RFC 9110 15.2.2: it names the protocol.
    return this.#switchProtocol(request >= RequestKind.Upgrade && this.#has(NameId.Upgrade));
  }

  #checkCoding(headers: HeaderMap, options: Http1Options): CodecError | null {
    if (!this.#has(NameId.TransferEncoding)) return null;
    const hasLength = this.#has(NameId.ContentLength);
    if (hasLength && !options.allowChunkedLength) return Http1Error.ContentLengthAndChunked;
    if ((this.#seen & INVALID_CODING) !== 0) return Http1Error.InvalidTransferEncoding;
    // RFC 9112 6.1: in HTTP/1.0 the framing is faulty.
    if (this.http10) return Http1Error.CodecError;
    if (hasLength) {
      headers.remove("content-length");
      this.wantsKeepAlive = false;
    }
    return null;
  }

  #has(id: number): boolean {
    return (this.#seen & (1 << id)) !== 0;
  }

  #switchProtocol(allowed: boolean): CodecError | null {
    if (!allowed) return Http1Error.UnexpectedUpgrade;
    this.switchesProtocol = true;
    this.bodyKind = BodyKind.UntilClose;
    this.wantsKeepAlive = false;
    return null;
  }
}

/** What stands behind the three digits; `text` begins with the status line. */
function reasonPhrase(text: string): string {
  return text.slice("HTTP/1.1 200".length, text.indexOf("\r\n")).trim();
}

const INVALID_CODING = 1 << 16;
const HOP_BY_HOP =
  (1 << NameId.Connection) |
  (1 << NameId.Upgrade) |
  (1 << NameId.Te) |
  (1 << NameId.KeepAlive) |
  (1 << NameId.ProxyConnection);
