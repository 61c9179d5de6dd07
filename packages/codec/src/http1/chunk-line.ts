import type { CodecError } from "../callbacks.ts";
import { HEX_VALUE } from "./char-classes.ts";
import { Http1Error } from "./errors.ts";

const Phase = { Size: 0, Space: 1, Extension: 2, LineFeed: 3 } as const;
type Phase = (typeof Phase)[keyof typeof Phase];

const CR = 13;
const LF = 10;
const SP = 32;
const HTAB = 9;
const SEMICOLON = 59;

/**
 * Reads the line before each chunk (RFC 9112 7.1): hexadecimal size, extensions, CRLF. Extensions mean nothing
 * here and are skipped, but counted over the whole message.
 */
export class ChunkLine {
  /** Set when `read` gave a negative number. */
  error: CodecError = Http1Error.CodecError;
  /** The size, once the line is complete. */
  size = 0;
  complete = false;

  #phase: Phase = Phase.Size;
  #digits = 0;
  #extensionBytes = 0;

  /** Starts the first line of a message. */
  beginMessage(): void {
    this.#extensionBytes = 0;
    this.error = Http1Error.CodecError;
    this.begin();
  }

  /** Starts the next line of the same message. */
  begin(): void {
    this.#phase = Phase.Size;
    this.#digits = 0;
    this.size = 0;
    this.complete = false;
  }

  /** Reads up to `end`; returns the offset that it came to, or -1 on an error. */
  read(buffer: Buffer, start: number, end: number, extensionBytesMax: number): number {
    let at = start;
    while (at < end && !this.complete) {
      if (!this.#accept(buffer[at++]!, extensionBytesMax)) return -1;
    }
    return at;
  }

  #accept(byte: number, extensionBytesMax: number): boolean {
    switch (this.#phase) {
      case Phase.Size:
        return this.#acceptSize(byte);
      case Phase.LineFeed:
        this.complete = byte === LF;
        return this.complete;
      case Phase.Space:
        // Whitespace is allowed before an extension only.
        if (byte === SEMICOLON) this.#phase = Phase.Extension;
        else if (byte !== SP && byte !== HTAB) return false;
        return this.#countExtension(extensionBytesMax);
      case Phase.Extension:
        if (byte === CR) {
          this.#phase = Phase.LineFeed;
          return true;
        }
        if ((byte < SP && byte !== HTAB) || byte === 127) return false;
        return this.#countExtension(extensionBytesMax);
    }
  }

  #acceptSize(byte: number): boolean {
    const digit = HEX_VALUE[byte]!;
    if (digit !== 255) {
      this.size = this.size * 16 + digit;
      return ++this.#digits <= DIGITS_MAX && this.size <= Number.MAX_SAFE_INTEGER;
    }
    if (this.#digits === 0) return false;
    if (byte === CR) this.#phase = Phase.LineFeed;
    else if (byte === SEMICOLON) this.#phase = Phase.Extension;
    else if (byte === SP || byte === HTAB) this.#phase = Phase.Space;
    else return false;
    return true;
  }

  #countExtension(extensionBytesMax: number): boolean {
    if (++this.#extensionBytes <= extensionBytesMax) return true;
    this.error = Http1Error.ChunkExtensionsTooLarge;
    return false;
  }
}

/** Leading zeros are digits too: more than any sender writes is an attempt to wear us out. */
const DIGITS_MAX = 16;
