import type { CodecError } from "../callbacks.ts";
import { HeaderMap } from "../header-map.ts";
import {
  addConnectionOptions,
  ConnectionOption,
  connectionTokenCount,
} from "./connection-options.ts";
import { Http1Error } from "./errors.ts";
import { BodyKind, isChunked, parseContentLength } from "./framing.ts";
import type { HeadScanner } from "./head-scanner.ts";
import { HEADER_NAMES, NameId } from "./header-names.ts";
import { HeaderSpelling } from "./header-spelling.ts";
import { LineReader } from "./line-reader.ts";
import { isKnownMethod, readMethod } from "./methods.ts";
import type { Http1Options } from "./options.ts";
import { isHostValue, readTarget } from "./target.ts";

const SLASH = 47;

/** The facts of the request that a server codec is at. One object per codec, written anew by each head. */
export class RequestHead extends LineReader {
  /** HTTP/1.0, where accepted. */
  http10 = false;
  /** HTTP/1.0, where accepted, with a head that could be read and was refused for what it says. */
  refusedAsHttp10 = false;
  /** The client would send another request on this connection. */
  wantsKeepAlive = true;
  /** There was a `Host` line, even if empty, or the target has the authority. */
  hasHost = false;
  /** `expect: 100-continue` of an HTTP/1.1 request. The header stays in the map. */
  expectsContinue = false;
  /** Asks for a switch of protocols (HTTP/1.1 only). Whatever follows the head is the other protocol's. */
  asksForUpgrade = false;
  /** The `upgrade` value in lower case when this request asks for one; else empty. */
  upgrade = "";
  /** There is something for `stripHopByHop`. */
  hasHopByHop = false;
  bodyKind: BodyKind = BodyKind.None;
  /** Of a body of kind Length. */
  contentLength = 0;
  #seen = 0;
  #connection = 0;
  #lengthIndex = -1;
  #upgradeValue = "";
  #expectValue = "";

  /** Makes the header map of a scanned head, and sets the facts. `end` is the offset behind the head. */
  read(
    scanner: HeadScanner,
    buffer: Buffer,
    end: number,
    options: Http1Options,
  ): HeaderMap | CodecError {
    this.#reset();
    const headers = new HeaderMap();
    headers.method = readMethod(buffer, scanner.methodStart, scanner.methodEnd);
    if (!options.allowCustomMethods && !isKnownMethod(headers.method)) return Http1Error.CodecError;
    this.http10 = scanner.versionMinor === 0;
    const start = scanner.targetStart;
    const text = buffer.latin1Slice(start, end);
    const underscores = options.headersWithUnderscoresAction;
    const target = text.slice(0, scanner.targetEnd - start);
    const inLines = this.readLines(scanner, buffer, text, start, headers, underscores);
    const error =
      inLines ??
      this.#readFraming(headers, options) ??
      this.#readTarget(headers, target, options) ??
      this.#checkVersion(scanner, options);
    if (error === null) {
      if (options.preserveCase !== null)
        headers.spelling = new HeaderSpelling(options.preserveCase, scanner, text, start);
      return headers;
    }
    // Envoy's parser finds these itself, before it counts, and a bad target before anything else.
    if (error !== Http1Error.CodecError && !this.#isBadTarget(headers, target, options)) {
      this.refusedAsHttp10 = this.http10 && options.acceptHttp10 && inLines === null;
      return error;
    }
    this.headerBytes = 0;
    return Http1Error.CodecError;
  }

  #isBadTarget(headers: HeaderMap, target: string, options: Http1Options): boolean {
    if (target.charCodeAt(0) === SLASH && headers.method !== "CONNECT") return false;
    return readTarget(headers, target, options) === Http1Error.CodecError;
  }

  /** Behind all that is wrong with the head itself; the log tells the size of a head that is refused for its version. */
  #checkVersion(scanner: HeadScanner, options: Http1Options): CodecError | null {
    if (scanner.versionMajor !== 1 || scanner.versionMinor > 1) return Http1Error.LowVersion;
    return this.http10 && !options.acceptHttp10 ? Http1Error.LowVersion : null;
  }

  #readTarget(headers: HeaderMap, target: string, options: Http1Options): CodecError | null {
    if (target.charCodeAt(0) === SLASH && headers.method !== "CONNECT") {
      headers.path = target;
    } else {
      const error = readTarget(headers, target, options);
      if (error !== null) return error;
      if (headers.scheme !== "" || headers.method === "CONNECT") {
        // RFC 9112 3.2.2: what `Host` said is ignored.
        this.hasHost = true;
        return null;
      }
    }
    if (!isHostValue(headers.authority)) return Http1Error.InvalidAuthority;
    if (!this.hasHost && this.http10 && options.defaultHostForHttp10 !== "") {
      headers.authority = options.defaultHostForHttp10;
      this.hasHost = true;
    }
    return null;
  }

  /** A header that the codec itself reads. Those that may stand only once are refused the second time. */
  protected override readSpecial(id: number, value: string, headers: HeaderMap): CodecError | null {
    const seenBefore = (this.#seen & (1 << id)) !== 0;
    this.#seen |= 1 << id;
    switch (id) {
      case NameId.Host:
        if (seenBefore) return Http1Error.InvalidAuthority;
        headers.authority = value;
        return null;
      case NameId.ContentLength:
        if (seenBefore) return Http1Error.CodecError;
        this.#lengthIndex = headers.entries.length + 1;
        break;
      case NameId.TransferEncoding:
        // Not added: framing is the codec's own, and the writer makes its own header.
        if (seenBefore || !isChunked(value)) this.#seen |= INVALID_CODING;
        return null;
      case NameId.Connection:
        this.#connection = addConnectionOptions(this.#connection, value);
        break;
      case NameId.ProxyConnection:
        // Envoy heeds its "close" on the way in.
        this.#connection |= addConnectionOptions(0, value) & ConnectionOption.Close;
        break;
      case NameId.Upgrade:
        this.#upgradeValue = joined(this.#upgradeValue, value);
        break;
      case NameId.Expect:
        this.#expectValue = joined(this.#expectValue, value);
        this.expectsContinue = !this.http10 && this.#expectValue.toLowerCase() === "100-continue";
        break;
    }
    headers.entries.push(HEADER_NAMES[id]!, value);
    return null;
  }

  /** RFC 9112 6.3 for requests, and what `connection` says. */
  #readFraming(headers: HeaderMap, options: Http1Options): CodecError | null {
    const seen = this.#seen;
    if (seen === 1 << NameId.Host) {
      // What nearly every request is: no word on framing or connection.
      this.hasHost = true;
      this.wantsKeepAlive = !this.http10;
      return null;
    }
    this.hasHost = (seen & (1 << NameId.Host)) !== 0;
    this.hasHopByHop = (seen & HOP_BY_HOP) !== 0;
    return this.#readBody(headers, options) ?? this.#readConnection(headers, options);
  }

  #readBody(headers: HeaderMap, options: Http1Options): CodecError | null {
    const hasLength = this.#lengthIndex >= 0;
    if ((this.#seen & (1 << NameId.TransferEncoding)) !== 0) {
      if (hasLength && !options.allowChunkedLength) return Http1Error.ContentLengthAndChunked;
      if ((this.#seen & INVALID_CODING) !== 0 || headers.method === "CONNECT")
        return Http1Error.InvalidTransferEncoding;
      // RFC 9112 6.1: in HTTP/1.0 the framing is faulty. Who is refused for the version is told so.
      if (this.http10 && options.acceptHttp10) return Http1Error.CodecError;
      if (hasLength) {
        headers.remove("content-length");
        this.wantsKeepAlive = false;
      }
      this.bodyKind = BodyKind.Chunked;
      return null;
    }
    if (!hasLength) return null;
    const length = parseContentLength(headers.entries[this.#lengthIndex]!);
    if (length < 0) return Http1Error.CodecError;
    if (headers.method === "CONNECT") {
      headers.remove("content-length");
      return length === 0 ? null : Http1Error.BodyDisallowed;
    }
    // One spelling of the number for everybody behind: no leading zeros.
    headers.entries[this.#lengthIndex] = String(length);
    this.contentLength = length;
    if (length > 0) this.bodyKind = BodyKind.Length;
    return null;
  }

  #readConnection(headers: HeaderMap, options: Http1Options): CodecError | null {
    const connection = this.#connection;
    if (
      (connection & ConnectionOption.Forbidden) !== 0 ||
      connectionTokenCount(connection) > options.maxConnectionTokens
    ) {
      return Http1Error.ConnectionHeaderRejected;
    }
    if ((connection & ConnectionOption.Close) !== 0) this.wantsKeepAlive = false;
    else if (this.http10 && (connection & ConnectionOption.KeepAlive) === 0)
      this.wantsKeepAlive = false;
    if ((connection & ConnectionOption.Upgrade) !== 0) this.#readUpgrade(headers, options);
    return null;
  }

  #readUpgrade(headers: HeaderMap, options: Http1Options): void {
    if (this.http10 || (this.#seen & (1 << NameId.Upgrade)) === 0) return;
    let value = this.#upgradeValue;
    // HTTP/2 in the clear starts with prior knowledge (RFC 9113 3.1); the old way is ignored, as Envoy does.
    if (value.toLowerCase() === "h2c") {
      headers.remove("http2-settings");
      return;
    }
    if (options.ignoresUpgrade !== null) {
      value = withoutIgnored(value, options.ignoresUpgrade);
      if (value === "" && this.#upgradeValue !== "") return;
      if (value !== this.#upgradeValue) headers.set("upgrade", value);
    }
    this.asksForUpgrade = true;
    this.upgrade = value.toLowerCase();
    this.bodyKind = BodyKind.None;
  }

  #reset(): void {
    this.wantsKeepAlive = true;
    this.hasHost = false;
    this.expectsContinue = false;
    this.asksForUpgrade = false;
    this.upgrade = "";
    this.hasHopByHop = false;
    this.bodyKind = BodyKind.None;
    this.contentLength = 0;
    this.#seen = 0;
    this.#connection = 0;
    this.#lengthIndex = -1;
    this.#upgradeValue = "";
    this.#expectValue = "";
  }
}

/** The value of a header on several lines, of which empty ones say nothing. */
function joined(before: string, value: string): string {
  if (before === "" || value === "") return before + value;
  return `${before},${value}`;
}

/** The tokens of an `upgrade` value that stay. */
function withoutIgnored(value: string, ignores: (token: string) => boolean): string {
  return value
    .split(",")
    .map((token) => token.trim())
    .filter((token) => token !== "" && !ignores(token))
    .join(",");
}

const INVALID_CODING = 1 << 16;
const HOP_BY_HOP =
  (1 << NameId.Connection) |
  (1 << NameId.Upgrade) |
  (1 << NameId.Te) |
  (1 << NameId.KeepAlive) |
  (1 << NameId.ProxyConnection);
