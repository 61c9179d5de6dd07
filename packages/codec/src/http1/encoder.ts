import type { ByteSink } from "../callbacks.ts";
import type { HeaderMap } from "../header-map.ts";
import { addConnectionOptions } from "./connection-options.ts";
import { BodyKind, parseContentLength } from "./framing.ts";
import { formatHeaderKey, type OwnLines, ownLinesOf } from "./header-keys.ts";
import type { HeaderKeyFormat } from "./options.ts";

/**
 * The half of a codec that writes: header lines, bodies and trailers of one message at a time. Framing is decided
 * by the codec that owns it; here it is kept: never more than content-length, always a last chunk.
 */
export class Http1Encoder {
  /** The lines of its own for the message that the last `lines` wrote. */
  own: OwnLines;
  /** The `content-length` that the last `lines` found and wrote; -1 when none. */
  contentLength = -1;
  /** The options of the `connection` header that the last `lines` found (`ConnectionOption` bits). */
  connection = 0;
  /** The last `lines` found `upgrade`. */
  hasUpgrade = false;
  /** The body did not fit its content-length: the connection cannot go on. */
  broken = false;
  /** The whole message is written. */
  complete = true;

  readonly #format: HeaderKeyFormat;
  readonly #formatted: OwnLines;
  readonly #enableTrailers: boolean;
  #kind: BodyKind = BodyKind.None;
  #remaining = 0;

  constructor(format: HeaderKeyFormat, enableTrailers: boolean) {
    this.#format = format;
    this.#enableTrailers = enableTrailers;
    this.#formatted = ownLinesOf(format);
    this.own = this.#formatted;
  }

  /** `host: ` as this request writes it. */
  hostLine(headers: HeaderMap): string {
    return headers.spelling === null ? this.#formatted.host : headers.spelling.ownLines().host;
  }

  /**
   * Appends the lines of `headers` to `head`. Transfer-encoding is left out, the codec writes its own; so are a
   * content-length that is no number or stands a second time, and any one without `lengthAllowed`; and, without
   * `connectionAllowed`, connection.
   */
  lines(
    head: string,
    headers: HeaderMap,
    lengthAllowed: boolean,
    connectionAllowed: boolean,
  ): string {
    const entries = headers.entries;
    const { spelling } = headers;
    const lowerCase = spelling === null && this.#format === "lower_case";
    this.own = spelling === null ? this.#formatted : spelling.ownLines();
    this.contentLength = -1;
    this.connection = 0;
    this.hasUpgrade = false;
    let text = head;
    for (let i = 0; i < entries.length; i += 2) {
      const name = entries[i]!;
      const value = entries[i + 1]!;
      // The three names that matter have lengths of their own; most others cost one look.
      const length = name.length;
      if (
        (length === 7 || length === 10 || length === 14 || length === 17) &&
        this.#skips(name, value, lengthAllowed, connectionAllowed)
      ) {
        continue;
      }
      text += lowerCase
        ? `${name}: ${value}\r\n`
        : `${spelling === null ? formatHeaderKey(name, this.#format) : spelling.spell(name)}: ${value}\r\n`;
    }
    return text;
  }

  /** Starts the body. With `endStream` there will be none, whatever `kind` says. */
  begin(kind: BodyKind, endStream: boolean): void {
    this.#kind = kind;
    this.#remaining = kind === BodyKind.Length ? this.contentLength : 0;
    this.complete = endStream;
    this.broken = endStream && this.#remaining > 0;
  }

  data(sink: ByteSink, data: Buffer, endStream: boolean): void {
    switch (this.#kind) {
      case BodyKind.Chunked:
        this.#chunk(sink, data, endStream);
        break;
      case BodyKind.Length:
        this.#counted(sink, data, endStream);
        break;
      case BodyKind.UntilClose:
        if (data.length > 0) sink.writeBytes(data);
        break;
      case BodyKind.None:
        break;
    }
    if (endStream) this.complete = true;
  }

  /** Ends the body with trailers. Returns the bytes of their lines. */
  trailers(sink: ByteSink, trailers: HeaderMap): number {
    let text = "";
    if (this.#kind === BodyKind.Chunked) {
      const entries = trailers.entries;
      if (this.#enableTrailers) {
        // Envoy writes trailer names in lower case under every format.
        for (let i = 0; i < entries.length; i += 2) text += `${entries[i]}: ${entries[i + 1]}\r\n`;
      }
      sink.writeLatin1(`0\r\n${text}\r\n`);
    } else if (this.#kind === BodyKind.Length && this.#remaining > 0) {
      this.broken = true;
    }
    this.complete = true;
    return text.length;
  }

  #chunk(sink: ByteSink, data: Buffer, endStream: boolean): void {
    if (data.length === 0) {
      // An empty chunk would be the last one.
      if (endStream) sink.writeLatin1("0\r\n\r\n");
      return;
    }
    sink.writeLatin1(`${data.length.toString(16)}\r\n`);
    sink.writeBytes(data);
    sink.writeLatin1(endStream ? "\r\n0\r\n\r\n" : "\r\n");
  }

  #counted(sink: ByteSink, data: Buffer, endStream: boolean): void {
    let piece = data;
    if (data.length > this.#remaining) {
      // Bytes beyond the length would be read as the next message.
      this.broken = true;
      piece = data.subarray(0, this.#remaining);
    }
    this.#remaining -= piece.length;
    if (piece.length > 0) sink.writeBytes(piece);
    if (endStream && this.#remaining > 0) this.broken = true;
  }

  /** Looks at the headers that framing and connection depend on; says whether to leave one out. */
  #skips(name: string, value: string, lengthAllowed: boolean, connectionAllowed: boolean): boolean {
    switch (name) {
      case "transfer-encoding":
        return true;
      case "content-length":
        if (!lengthAllowed || this.contentLength >= 0) return true;
        this.contentLength = parseContentLength(value);
        return this.contentLength < 0;
      case "connection":
        this.connection = addConnectionOptions(this.connection, value);
        return !connectionAllowed;
      case "upgrade":
        this.hasUpgrade = true;
        return false;
      default:
        return false;
    }
  }
}
