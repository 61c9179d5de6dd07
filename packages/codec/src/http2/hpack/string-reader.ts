import { findHeaderName, HEADER_NAMES } from "../../http1/header-names.ts";
import { type HpackError, HpackErrors } from "./errors.ts";
import { decodeHuffman, HUFFMAN_SLACK_BYTES, HUFFMAN_TOO_LONG } from "./huffman-decoder.ts";
import { OCTETS } from "./integer-text.ts";

const HUFFMAN = 0x80;
/** Larger numbers than this are no length, index or size that anybody needs; sums of it stay exact. */
const MAX_INTEGER = 0x3fff_ffff;
/** Octets of an integer behind its first one; more would only carry zeros. */
const MAX_CONTINUATION = 5;
/** Five bits are the shortest code. */
const DECODED_PER_ENCODED = 8 / 5;

/** Where Huffman strings are decoded. It serves all connections of a thread: nothing is left in it between two strings. */
let scratch = Buffer.allocUnsafeSlow(4096);

/** Reads the integers and strings of header blocks (RFC 7541 5), and keeps the place. */
export class StringReader {
  buffer: Buffer = scratch;
  at = 0;
  end = 0;
  /** Why the last call returned -1 or an empty string; null while all is well. */
  error: HpackError | null = null;
  readonly #maxStringBytes: number;
  #textStart = 0;
  #textLength = 0;

  constructor(maxStringBytes: number) {
    this.#maxStringBytes = maxStringBytes;
  }

  begin(buffer: Buffer, start: number, end: number): void {
    this.buffer = buffer;
    this.at = start;
    this.end = end;
    this.error = null;
  }

  /** The integer whose first bits are those of the octet at hand below `mask` (RFC 7541 5.1); -1 on errors. */
  integer(mask: number): number {
    const first = this.buffer[this.at++]! & mask;
    return first < mask ? first : this.#continued(mask);
  }

  /** A header name; those that are known come as constants. */
  name(): string {
    const from = this.#text();
    if (from === null || this.#textLength === 0) return "";
    const start = this.#textStart;
    const length = this.#textLength;
    const id = findHeaderName(from, start, length);
    if (id >= 0 && isExact(HEADER_NAMES[id]!, from, start)) return HEADER_NAMES[id]!;
    return from.latin1Slice(start, start + length);
  }

  value(): string {
    const from = this.#text();
    if (from === null || this.#textLength === 0) return "";
    const start = this.#textStart;
    // Short numbers, mostly: made without a call into the engine.
    if (this.#textLength === 1) return OCTETS[from[start]!]!;
    if (this.#textLength === 2) return OCTETS[from[start]!]! + OCTETS[from[start + 1]!]!;
    return from.latin1Slice(start, start + this.#textLength);
  }

  /** The octets of a string as they are meant; they begin at `#textStart`. Null on errors. */
  #text(): Buffer | null {
    const { buffer, end } = this;
    if (this.at >= end) return this.#fail(HpackErrors.Truncated);
    const isHuffman = buffer[this.at]! >= HUFFMAN;
    const length = this.integer(0x7f);
    if (length < 0) return null;
    const start = this.at;
    if (length > end - start) return this.#fail(HpackErrors.Truncated);
    this.at += length;
    if (isHuffman) return this.#decoded(start, length);
    if (length > this.#maxStringBytes) return this.#fail(HpackErrors.StringTooLong);
    this.#textStart = start;
    this.#textLength = length;
    return buffer;
  }

  #decoded(start: number, length: number): Buffer | null {
    const limit = this.#maxStringBytes;
    const most = Math.min(limit, Math.trunc(length * DECODED_PER_ENCODED)) + HUFFMAN_SLACK_BYTES;
    if (most > scratch.length) scratch = Buffer.allocUnsafeSlow(Math.max(most, scratch.length * 2));
    const decoded = decodeHuffman(this.buffer, start, start + length, scratch, limit);
    if (decoded < 0) {
      return this.#fail(
        decoded === HUFFMAN_TOO_LONG ? HpackErrors.StringTooLong : HpackErrors.InvalidHuffman,
      );
    }
    this.#textStart = 0;
    this.#textLength = decoded;
    return scratch;
  }

  #continued(mask: number): number {
    let value = mask;
    let scale = 1;
    for (let octets = 0; octets < MAX_CONTINUATION; octets++) {
      if (this.at >= this.end) return this.#failInteger(HpackErrors.Truncated);
      const byte = this.buffer[this.at++]!;
      value += (byte & 0x7f) * scale;
      if (value > MAX_INTEGER) break;
      if (byte < 0x80) return value;
      scale *= 128;
    }
    return this.#failInteger(HpackErrors.IntegerTooLarge);
  }

  #fail(error: HpackError): null {
    this.error = error;
    return null;
  }

  #failInteger(error: HpackError): number {
    this.error = error;
    return -1;
  }
}

/** `findHeaderName` takes any case; HTTP/2 does not (RFC 9113 8.2.1), so the reader must see how it came. */
function isExact(name: string, bytes: Buffer, start: number): boolean {
  for (let i = 0; i < name.length; i++) {
    if (bytes[start + i] !== name.charCodeAt(i)) return false;
  }
  return true;
}
