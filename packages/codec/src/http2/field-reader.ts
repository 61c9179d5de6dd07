import { HeaderMap } from "../header-map.ts";
import { parseContentLength } from "../http1/framing.ts";
import type { Http2Counters } from "./callbacks.ts";
import {
  Field,
  FIELD_INVALID,
  FIELD_MASK,
  FIELD_OBS_TEXT,
  FIELD_UNDERSCORE,
} from "./field-facts.ts";
import { type HpackSink, NEVER_INDEXED } from "./hpack/decoder.ts";
import type { Http2Options } from "./options.ts";
import { type StreamFault, StreamFaults } from "./stream-fault.ts";

/** Which section of a message a header block is. */
export const SectionKind = { Request: 0, Response: 1, Trailers: 2, Discarded: 3 } as const;
export type SectionKind = (typeof SectionKind)[keyof typeof SectionKind];

/**
 * Makes a header map of the fields of one block, and holds them against RFC 9113 8.2 and 8.3. One object per codec: `begin`,
 * the decoder's calls, `finish`.
 */
export class FieldReader implements HpackSink {
  /** The `content-length` of the section; -1 when none. */
  contentLength = -1;

  readonly #maxBytes: number;
  readonly #maxCount: number;
  readonly #underscores: Http2Options["headersWithUnderscoresAction"];
  readonly #allowConnect: boolean;
  /** Facts that make a field invalid. */
  readonly #invalid: number;
  readonly #counters: Http2Counters;
  #kind: SectionKind = SectionKind.Discarded;
  #fault: StreamFault | null = null;
  /** By `Field`: there was one. */
  #seen = 0;
  #headers = NONE;
  #bytes = 0;
  #count = 0;
  #host = "";
  #cookie = "";

  constructor(options: Http2Options, counters: Http2Counters) {
    this.#maxBytes = options.maxHeadersKb * 1024;
    this.#maxCount = options.maxHeadersCount;
    this.#underscores = options.headersWithUnderscoresAction;
    this.#allowConnect = options.allowConnect;
    this.#invalid = options.disallowObsText ? FIELD_INVALID | FIELD_OBS_TEXT : FIELD_INVALID;
    this.#counters = counters;
  }

  begin(kind: SectionKind): void {
    this.#kind = kind;
    this.#fault = null;
    this.#seen = 0;
    this.#bytes = 0;
    this.#count = 0;
    this.contentLength = -1;
    if (kind !== SectionKind.Discarded) this.#headers = new HeaderMap();
  }

  onField(name: string, value: string, facts: number): boolean {
    if (this.#kind === SectionKind.Discarded) return false;
    this.#bytes += name.length + value.length;
    if (this.#bytes > this.#maxBytes) return this.#fail(StreamFaults.HeadersTooLarge);
    // Crumbs of cookies are put together, and count each, as in Envoy.
    if (++this.#count > this.#maxCount) return this.#fail(StreamFaults.TooManyHeaders);
    if (facts === 0) {
      this.#seen |= REGULAR;
      this.#headers.entries.push(name, value);
      return true;
    }
    if (facts >= NEVER_INDEXED) this.#noteNeverIndexed(name);
    if ((facts & this.#invalid) !== 0) return this.#fail(StreamFaults.InvalidHeaderField);
    const field = facts & FIELD_MASK;
    if (field >= Field.Method && field <= Field.Protocol) return this.#readPseudo(field, value);
    this.#seen |= REGULAR;
    return this.#readSpecial(field, name, value, facts);
  }

  /** All fields were told. What is wrong with the section, or null. */
  finish(): StreamFault | null {
    if (this.#fault !== null) return this.#fault;
    const headers = this.#headers;
    if ((this.#seen & (1 << Field.Cookie)) !== 0) {
      headers.entries.push("cookie", this.#cookie);
      this.#cookie = "";
    }
    switch (this.#kind) {
      case SectionKind.Request:
        return this.#finishRequest(headers);
      case SectionKind.Response:
        return (this.#seen & PSEUDO) === 1 << Field.Status ? null : StreamFaults.MessagingRule;
      default:
        return null;
    }
  }

  /** The headers of the section, which are the caller's from here on. */
  takeHeaders(): HeaderMap {
    const headers = this.#headers;
    this.#headers = NONE;
    return headers;
  }

  /** RFC 9113 8.3.1 and 8.5, RFC 8441 4. */
  #finishRequest(headers: HeaderMap): StreamFault | null {
    const seen = this.#seen;
    if ((seen & (1 << Field.Authority)) === 0) {
      // RFC 9113 8.3.1 asks for one of them where the scheme has an authority.
      if ((seen & (1 << Field.Host)) === 0) return StreamFaults.MessagingRule;
      headers.authority = this.#host;
      if (headers.method === "CONNECT" && headers.protocol === "")
        return StreamFaults.MessagingRule;
    }
    const pseudo = seen & PSEUDO & ~(1 << Field.Authority);
    const { path } = headers;
    if (headers.method !== "CONNECT") {
      if (pseudo !== REQUEST_PSEUDO) return StreamFaults.MessagingRule;
      return isOrigin(path) || (path === "*" && headers.method === "OPTIONS")
        ? null
        : StreamFaults.MessagingRule;
    }
    if (pseudo === 1 << Field.Method) return this.#finishConnect(headers);
    if (pseudo === EXTENDED_CONNECT_PSEUDO && isOrigin(path)) return this.#finishConnect(headers);
    return StreamFaults.MessagingRule;
  }

  /** What follows a CONNECT is no content, so it has no length (RFC 9110 9.3.6). */
  #finishConnect(headers: HeaderMap): null {
    if (this.contentLength >= 0) {
      headers.remove("content-length");
      this.contentLength = -1;
    }
    return null;
  }

  #readPseudo(field: number, value: string): boolean {
    const seen = this.#seen;
    this.#seen = seen | (1 << field);
    const kind = this.#kind;
    const expected =
      kind === SectionKind.Request
        ? field !== Field.Status && (field !== Field.Protocol || this.#allowConnect)
        : kind === SectionKind.Response && field === Field.Status;
    // Before all others, and once (RFC 9113 8.3).
    if (!expected || (seen & (REGULAR | (1 << field))) !== 0)
      return this.#fail(StreamFaults.InvalidHeaderField);
    const headers = this.#headers;
    switch (field) {
      case Field.Method:
        headers.method = value;
        break;
      case Field.Scheme:
        headers.scheme = value;
        break;
      case Field.Authority:
        headers.authority = value;
        break;
      case Field.Path:
        headers.path = value;
        break;
      case Field.Status:
        headers.status = Number(value);
        break;
      case Field.Protocol:
        headers.protocol = value;
        break;
    }
    return true;
  }

  /** A field that the codec itself reads, or one with an underscore in its name. */
  #readSpecial(field: number, name: string, value: string, facts: number): boolean {
    const seenBefore = (this.#seen & (1 << field)) !== 0;
    const kind = this.#kind;
    switch (field) {
      case Field.ConnectionSpecific:
        return this.#fail(StreamFaults.InvalidHeaderField);
      case Field.Dropped:
        return true;
      case Field.ContentLength:
        // Framing fields have nothing to say in trailers (RFC 9110 6.5.1).
        if (seenBefore || kind === SectionKind.Trailers)
          return this.#fail(StreamFaults.InvalidHeaderField);
        this.contentLength = parseContentLength(value);
        // One spelling of the number for everybody behind: no leading zeros.
        this.#headers.entries.push(name, String(this.contentLength));
        break;
      case Field.Host:
        if (seenBefore || kind === SectionKind.Trailers)
          return this.#fail(StreamFaults.InvalidHeaderField);
        if (kind === SectionKind.Request) this.#host = value;
        else this.#headers.entries.push(name, value);
        break;
      case Field.Cookie:
        // RFC 9113 8.2.3.
        this.#cookie = seenBefore ? `${this.#cookie}; ${value}` : value;
        break;
      default:
        return this.#readUnderscored(name, value, facts);
    }
    this.#seen |= 1 << field;
    return true;
  }

  #readUnderscored(name: string, value: string, facts: number): boolean {
    if ((facts & FIELD_UNDERSCORE) !== 0 && this.#underscores !== "ALLOW") {
      if (this.#underscores === "REJECT_REQUEST")
        return this.#fail(StreamFaults.UnexpectedUnderscore);
      this.#counters.add("dropped_headers_with_underscores", 1);
      return true;
    }
    this.#headers.entries.push(name, value);
    return true;
  }

  #noteNeverIndexed(name: string): void {
    const headers = this.#headers;
    const before = headers.neverIndexed ?? [];
    if (!before.includes(name)) headers.neverIndexed = [...before, name];
  }

  #fail(fault: StreamFault): false {
    this.#fault = fault;
    return false;
  }
}

/** Between two sections: nothing of a message is kept behind it. */
const NONE = new HeaderMap();

/** Origin-form (RFC 9112 3.2.1). */
function isOrigin(path: string): boolean {
  return path.charCodeAt(0) === SLASH;
}

const SLASH = 47;

/** In `#seen`: a field that is no pseudo header. `Field.Ordinary` has no other use for its bit. */
const REGULAR = 1 << Field.Ordinary;
const PSEUDO =
  (1 << Field.Method) |
  (1 << Field.Scheme) |
  (1 << Field.Authority) |
  (1 << Field.Path) |
  (1 << Field.Status) |
  (1 << Field.Protocol);
const REQUEST_PSEUDO = (1 << Field.Method) | (1 << Field.Scheme) | (1 << Field.Path);
const EXTENDED_CONNECT_PSEUDO = REQUEST_PSEUDO | (1 << Field.Protocol);
