import type { CodecError } from "../callbacks.ts";
import { NAME_CLASS } from "./char-classes.ts";
import { Http1Error } from "./errors.ts";
import { isKnownMethod, readMethod } from "./methods.ts";

/** What a section begins with. */
export const Section = { Request: 0, Response: 1, Trailers: 2 } as const;
export type Section = (typeof Section)[keyof typeof Section];

/** `scan` did not find the end. */
export const INCOMPLETE = -1;
/** `scan` found an error: see `error`. */
const FAILED = -2;

/** Numbers per header line in `lines`. */
export const LINE_STRIDE = 4;
/** Places of the numbers of a line. */
export const NAME_START = 0;
export const NAME_END = 1;
/** The value ends before trailing whitespace. */
export const VALUE_START = 2;
export const VALUE_END = 3;

const Phase = {
  Start: 0,
  Method: 1,
  Target: 2,
  Version: 3,
  Status: 4,
  Reason: 5,
  Line: 6,
  Name: 7,
  Value: 8,
} as const;
type Phase = (typeof Phase)[keyof typeof Phase];

const CR = 13;
const LF = 10;
const SP = 32;
const HTAB = 9;
const COLON = 58;
const VERSION = Buffer.from("HTTP/");

/**
 * Finds the parts of a head or trailer section (RFC 9112 2 to 5) without making a string. It looks at every byte
 * once: when the section is not complete, the next `scan` goes on where this one stopped. So the verdict depends on
 * the bytes only, not on how they were cut. Line ends are CRLF, nothing else; there is no folding.
 */
export class HeadScanner {
  /** Set when `scan` returned `FAILED`. */
  error: CodecError = Http1Error.CodecError;
  methodStart = 0;
  methodEnd = 0;
  targetStart = 0;
  targetEnd = 0;
  /** The digits of `HTTP/x.y`. */
  versionMajor = 0;
  versionMinor = 0;
  /** The status code of a response. */
  status = 0;
  /** Header lines found so far. */
  count = 0;
  /** `LINE_STRIDE` numbers per line: offsets into the scanned buffer. */
  lines: Int32Array = new Int32Array(64 * LINE_STRIDE);

  #phase: Phase = Phase.Start;
  #section: Section = Section.Request;
  #position = 0;
  #nameStart = 0;
  #nameEnd = 0;
  #linesMax = 0;

  /** Starts a section at `start`; at most `linesMax` header lines. */
  begin(section: Section, start: number, linesMax: number): void {
    this.#section = section;
    this.#phase = section === Section.Trailers ? Phase.Line : Phase.Start;
    this.#position = start;
    this.#linesMax = linesMax;
    this.count = 0;
  }

  /** Moves an incomplete section: what was at `offset` of the old buffer is at 0 of the next one. */
  rebase(offset: number): void {
    this.methodStart -= offset;
    this.methodEnd -= offset;
    this.targetStart -= offset;
    this.targetEnd -= offset;
    this.#position -= offset;
    this.#nameStart -= offset;
    this.#nameEnd -= offset;
    const end = this.count * LINE_STRIDE;
    for (let i = 0; i < end; i += LINE_STRIDE) {
      this.lines[i + NAME_START]! -= offset;
      this.lines[i + NAME_END]! -= offset;
      this.lines[i + VALUE_START]! -= offset;
      this.lines[i + VALUE_END]! -= offset;
    }
  }

  /** Scans up to `end`. Returns the offset behind the section, `INCOMPLETE` or `FAILED`. */
  scan(buffer: Buffer, end: number): number {
    if (this.#phase < Phase.Line) {
      const found =
        this.#section === Section.Request
          ? this.#requestLine(buffer, end)
          : this.#statusLine(buffer, end);
      if (found < 0) return found;
    }
    return this.#fields(buffer, end);
  }

  /** Each part returns the offset behind it, or a negative number; a part that is done is skipped on resuming. */
  #requestLine(buffer: Buffer, end: number): number {
    let at = this.#position;
    if (this.#phase === Phase.Start) at = this.#emptyLines(buffer, at, end);
    if (this.#phase === Phase.Method && at >= 0) at = this.#method(buffer, at, end);
    if (this.#phase === Phase.Target && at >= 0) at = this.#target(buffer, at, end);
    if (at < 0) return at;
    at = this.#version(buffer, at, end, Phase.Version);
    return at < 0 ? at : this.#lineEnd(buffer, at, end, Phase.Version, at - 8);
  }

  /** RFC 9112 2.2: ignore empty lines before the request line. They count as bytes of the head. */
  #emptyLines(buffer: Buffer, start: number, end: number): number {
    let at = start;
    while (at < end && buffer[at] === CR) {
      if (at + 1 === end) return this.#suspend(Phase.Start, at);
      if (buffer[at + 1] !== LF) return this.#fail(Http1Error.CodecError);
      at += 2;
    }
    if (at === end) return this.#suspend(Phase.Start, at);
    this.methodStart = at;
    this.#phase = Phase.Method;
    return at;
  }

  #method(buffer: Buffer, start: number, end: number): number {
    let at = start;
    while (at < end && NAME_CLASS[buffer[at]!] !== 0) at++;
    if (at === end) return this.#suspend(Phase.Method, at);
    if (buffer[at] !== SP || at === this.methodStart) return this.#fail(Http1Error.CodecError);
    this.methodEnd = at++;
    this.targetStart = at;
    this.#phase = Phase.Target;
    return at;
  }

  #target(buffer: Buffer, start: number, end: number): number {
    let at = start;
    let byte = 0;
    while (at < end && (byte = buffer[at]!) > SP && byte < 127) at++;
    if (at === end) return this.#suspend(Phase.Target, at);
    const empty = at === this.targetStart;
    if (byte === CR && !empty) return this.#versionless(buffer, at, end);
    if (byte !== SP || empty) {
      const isControl = byte < SP || byte === 127;
      return this.#fail(isControl ? Http1Error.InvalidCharacters : Http1Error.CodecError);
    }
    this.targetEnd = at++;
    this.#phase = Phase.Version;
    return at;
  }

  /** `GET /` CRLF is HTTP/0.9: an old version; with a method that nobody knows it is just garbage. */
  #versionless(buffer: Buffer, at: number, end: number): number {
    if (at + 1 === end) return this.#suspend(Phase.Target, at);
    const isOld =
      buffer[at + 1] === LF && isKnownMethod(readMethod(buffer, this.methodStart, this.methodEnd));
    return this.#fail(isOld ? Http1Error.LowVersion : Http1Error.CodecError);
  }

  #statusLine(buffer: Buffer, end: number): number {
    let at = this.#position;
    if (this.#phase === Phase.Start) {
      at = this.#version(buffer, at, end, Phase.Start);
      if (at >= 0) this.#phase = Phase.Status;
    }
    if (this.#phase === Phase.Status && at >= 0) at = this.#statusCode(buffer, at, end);
    if (at < 0) return at;
    let byte = 0;
    while (at < end && ((byte = buffer[at]!) > 31 ? byte !== 127 : byte === HTAB)) at++;
    if (at === end) return this.#suspend(Phase.Reason, at);
    return this.#lineEnd(buffer, at, end, Phase.Reason, at);
  }

  /** A space, three digits, and a look at what follows: the space before an empty reason is often left out. */
  #statusCode(buffer: Buffer, at: number, end: number): number {
    let status = 0;
    for (let i = 0; i < 5; i++) {
      if (at + i === end) return this.#suspend(Phase.Status, at);
      const byte = buffer[at + i]!;
      const isDigit = byte >= 48 && byte <= 57;
      const fits = i === 0 ? byte === SP : i < 4 ? isDigit : byte === SP || byte === CR;
      if (!fits || (i === 1 && byte === 48)) return this.#fail(Http1Error.CodecError);
      if (i > 0 && i < 4) status = status * 10 + byte - 48;
    }
    this.status = status;
    this.#phase = Phase.Reason;
    return at + 4;
  }

  /** `HTTP/` digit `.` digit. Returns the offset behind it. */
  #version(buffer: Buffer, at: number, end: number, phase: Phase): number {
    for (let i = 0; i < 8; i++) {
      if (at + i === end) return this.#suspend(phase, at);
      const byte = buffer[at + i]!;
      const fits = i < 5 ? byte === VERSION[i] : i === 6 ? byte === 46 : byte >= 48 && byte <= 57;
      if (!fits) return this.#fail(Http1Error.CodecError);
    }
    this.versionMajor = buffer[at + 5]! - 48;
    this.versionMinor = buffer[at + 7]! - 48;
    return at + 8;
  }

  /** CRLF behind a start line; `resume` is where the phase goes on when it is not there yet. */
  #lineEnd(buffer: Buffer, at: number, end: number, phase: Phase, resume: number): number {
    if (at === end) return this.#suspend(phase, resume);
    if (buffer[at] !== CR) return this.#fail(Http1Error.CodecError);
    if (at + 1 === end) return this.#suspend(phase, resume);
    if (buffer[at + 1] !== LF) return this.#fail(Http1Error.CodecError);
    this.#position = at + 2;
    this.#phase = Phase.Line;
    return at + 2;
  }

  /** Header lines up to the empty line. The hottest loop of the proxy: places are kept in locals. */
  #fields(buffer: Buffer, end: number): number {
    let at = this.#position;
    let phase = this.#phase;
    let nameStart = this.#nameStart;
    let nameEnd = this.#nameEnd;
    let byte = 0;
    for (;;) {
      if (phase === Phase.Line) {
        if (at === end) break;
        if (buffer[at] === CR) {
          if (at + 1 === end) break;
          return buffer[at + 1] === LF ? at + 2 : this.#fail(Http1Error.CodecError);
        }
        if (this.count === this.#linesMax) return this.#fail(Http1Error.TooManyHeaders);
        nameStart = at;
        phase = Phase.Name;
      }
      if (phase === Phase.Name) {
        while (at < end && NAME_CLASS[(byte = buffer[at]!)] !== 0) at++;
        if (at === end) break;
        if (byte !== COLON || at === nameStart) {
          return this.#fail(byte === 0 ? Http1Error.InvalidCharacters : Http1Error.CodecError);
        }
        nameEnd = at++;
        phase = Phase.Value;
      }
      while (at < end && ((byte = buffer[at]!) > 31 ? byte !== 127 : byte === HTAB)) at++;
      if (at === end) break;
      if (byte !== CR)
        return this.#fail(byte === LF ? Http1Error.CodecError : Http1Error.InvalidCharacters);
      if (at + 1 === end) break;
      if (buffer[at + 1] !== LF) return this.#fail(Http1Error.InvalidCharacters);
      this.#addLine(buffer, nameStart, nameEnd, at);
      at += 2;
      phase = Phase.Line;
    }
    this.#nameStart = nameStart;
    this.#nameEnd = nameEnd;
    return this.#suspend(phase, at);
  }

  #addLine(buffer: Buffer, nameStart: number, nameEnd: number, lineEnd: number): void {
    let start = nameEnd + 1;
    let end = lineEnd;
    while (start < end && isBlank(buffer[start]!)) start++;
    while (end > start && isBlank(buffer[end - 1]!)) end--;
    const offset = this.count++ * LINE_STRIDE;
    if (offset === this.lines.length) this.#grow();
    const lines = this.lines;
    lines[offset + NAME_START] = nameStart;
    lines[offset + NAME_END] = nameEnd;
    lines[offset + VALUE_START] = start;
    lines[offset + VALUE_END] = end;
  }

  #grow(): void {
    const lines = new Int32Array(this.lines.length * 2);
    lines.set(this.lines);
    this.lines = lines;
  }

  #suspend(phase: Phase, position: number): number {
    this.#phase = phase;
    this.#position = position;
    return INCOMPLETE;
  }

  #fail(error: CodecError): number {
    this.error = error;
    return FAILED;
  }
}

function isBlank(byte: number): boolean {
  return byte === SP || byte === HTAB;
}
