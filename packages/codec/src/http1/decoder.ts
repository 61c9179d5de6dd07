import type { CodecError, MessageCallbacks } from "../callbacks.ts";
import { HeaderMap } from "../header-map.ts";
import { ChunkLine } from "./chunk-line.ts";
import { Http1Error } from "./errors.ts";
import { BodyKind } from "./framing.ts";
import { HeadScanner, INCOMPLETE, Section } from "./head-scanner.ts";
import type { Http1Options } from "./options.ts";
import { PartialSection } from "./partial-section.ts";
import { TrailerSection } from "./trailer-section.ts";

/** Where a decoder stands in its input. */
export const DecoderState = {
  /** Waiting for a head, or inside one. */
  Head: 0,
  LengthBody: 1,
  UntilCloseBody: 2,
  ChunkLine: 3,
  ChunkData: 4,
  /** At the CRLF behind a chunk's data. */
  ChunkDataEnd: 5,
  ChunkDataLineFeed: 6,
  Trailers: 7,
  /** The message is complete; nothing is taken until the owner goes on. */
  Complete: 8,
  /** After an error, or closed by the owner. */
  Closed: 9,
} as const;
export type DecoderState = (typeof DecoderState)[keyof typeof DecoderState];

const CR = 13;
const LF = 10;
const NOTHING = Buffer.alloc(0);

/**
 * The half of a codec that reads: finds heads, delivers bodies as views, ends messages. What a head means is the
 * server's and the client's part.
 *
 * A callback may write to the peer, start the next message or close the decoder; each step therefore looks at the
 * state again after a call.
 */
export abstract class Http1Decoder<Callbacks extends MessageCallbacks> {
  protected readonly callbacks: Callbacks;
  protected readonly options: Http1Options;
  protected state: DecoderState = DecoderState.Head;
  /** Of the trailers that were delivered, counted as a head's `headerBytes`. */
  trailerBytes = 0;
  /** Trailers of this message that were left out because of an underscore. */
  trailersDropped = 0;

  readonly #headBytesMax: number;
  readonly #section: Section;
  readonly #chunkLine = new ChunkLine();
  #partial: PartialSection | null = null;
  /** Bytes of the body or chunk that are still to come. */
  #remaining = 0;

  constructor(callbacks: Callbacks, options: Http1Options, section: Section) {
    this.callbacks = callbacks;
    this.options = options;
    this.#headBytesMax = options.maxHeadersKb * 1024;
    this.#section = section;
  }

  /**
   * Reads from `start` up to `end` and returns the number of bytes taken. It takes less when a message is
   * complete and the next was not allowed yet, or after an error; the caller keeps the rest. Not to be called from
   * a callback.
   */
  execute(buffer: Buffer, start: number, end: number): number {
    let at = start;
    while (at < end && this.state < DecoderState.Complete) at = this.#step(buffer, at, end);
    return at - start;
  }

  /** Stops for good: the connection is gone. No callback comes any more. */
  close(): void {
    this.state = DecoderState.Closed;
    this.#partial = null;
  }

  /** Part of a head has come, but not all of it. */
  get insideHead(): boolean {
    return this.state === DecoderState.Head && this.#partial !== null;
  }

  /** Reads a scanned head into a header map; fills in the facts of the message. */
  protected abstract readHead(
    scanner: HeadScanner,
    buffer: Buffer,
    start: number,
    end: number,
  ): HeaderMap | CodecError;

  /** Delivers a head, and enters the body by `enterBody` before. `bytesBehind` were read beyond the head. */
  protected abstract onHead(headers: HeaderMap, bytesBehind: number): void;

  /** The message is complete, its last callback still to come. */
  protected abstract onMessageEnd(bytesBehind: number): void;

  protected enterBody(kind: BodyKind, contentLength: number, bytesBehind: number): void {
    switch (kind) {
      case BodyKind.None:
        this.#complete(bytesBehind);
        break;
      case BodyKind.Length:
        this.#remaining = contentLength;
        this.state = DecoderState.LengthBody;
        break;
      case BodyKind.Chunked:
        this.#chunkLine.beginMessage();
        this.state = DecoderState.ChunkLine;
        break;
      case BodyKind.UntilClose:
        this.state = DecoderState.UntilCloseBody;
        break;
    }
  }

  /** Ends a body that the end of the connection delimits. */
  protected endUntilClose(): void {
    this.#complete(0);
    this.callbacks.onData(NOTHING, true);
  }

  protected fail(error: CodecError): void {
    this.close();
    this.callbacks.onCodecError(error);
  }

  #step(buffer: Buffer, at: number, end: number): number {
    switch (this.state) {
      case DecoderState.Head:
        return this.#readSection(this.#section, buffer, at, end);
      case DecoderState.Trailers:
        return this.#readSection(Section.Trailers, buffer, at, end);
      case DecoderState.LengthBody:
        return this.#readLengthBody(buffer, at, end);
      case DecoderState.UntilCloseBody:
        this.callbacks.onData(buffer.subarray(at, end), false);
        return end;
      case DecoderState.ChunkLine:
        return this.#readChunkLine(buffer, at, end);
      case DecoderState.ChunkData:
        return this.#readChunkData(buffer, at, end);
      default:
        return this.#readChunkDataEnd(buffer, at);
    }
  }

  #complete(bytesBehind: number): void {
    this.state = DecoderState.Complete;
    this.onMessageEnd(bytesBehind);
  }

  #readLengthBody(buffer: Buffer, at: number, end: number): number {
    const taken = Math.min(this.#remaining, end - at);
    const next = at + taken;
    this.#remaining -= taken;
    const last = this.#remaining === 0;
    if (last) this.#complete(end - next);
    this.callbacks.onData(buffer.subarray(at, next), last);
    return next;
  }

  #readChunkLine(buffer: Buffer, at: number, end: number): number {
    const line = this.#chunkLine;
    const next = line.read(buffer, at, end, this.options.maxChunkExtensionBytes);
    if (next < 0) {
      this.fail(line.error);
      return at;
    }
    if (line.complete) {
      this.#remaining = line.size;
      this.state = line.size === 0 ? DecoderState.Trailers : DecoderState.ChunkData;
      line.begin();
    }
    return next;
  }

  #readChunkData(buffer: Buffer, at: number, end: number): number {
    const taken = Math.min(this.#remaining, end - at);
    const next = at + taken;
    this.#remaining -= taken;
    if (this.#remaining > 0) {
      this.callbacks.onData(buffer.subarray(at, next), false);
      return next;
    }
    if (isLastChunk(buffer, next, end)) {
      // Saves the empty piece at the end of a body that came in one read.
      this.#complete(end - next - LAST_CHUNK.length);
      this.callbacks.onData(buffer.subarray(at, next), true);
      return next + LAST_CHUNK.length;
    }
    this.state = DecoderState.ChunkDataEnd;
    this.callbacks.onData(buffer.subarray(at, next), false);
    return next;
  }

  #readChunkDataEnd(buffer: Buffer, at: number): number {
    const isReturn = this.state === DecoderState.ChunkDataEnd;
    if (buffer[at] !== (isReturn ? CR : LF)) {
      this.fail(Http1Error.CodecError);
      return at;
    }
    this.state = isReturn ? DecoderState.ChunkDataLineFeed : DecoderState.ChunkLine;
    return at + 1;
  }

  /** A head or trailers: scanned where they are when they are whole, else in a copy of their own. */
  #readSection(section: Section, buffer: Buffer, at: number, end: number): number {
    const partial = this.#partial;
    if (partial !== null) return this.#continueSection(partial, section, buffer, at, end);
    const scanner = takeScanner();
    const limit = Math.min(end, at + this.#headBytesMax);
    scanner.begin(section, at, this.options.maxHeadersCount);
    const sectionEnd = scanner.scan(buffer, limit);
    if (sectionEnd >= 0) {
      this.#deliver(section, scanner, buffer, at, sectionEnd, end - sectionEnd);
      return sectionEnd;
    }
    if (sectionEnd === INCOMPLETE && limit === end && limit - at < this.#headBytesMax) {
      this.#partial = new PartialSection(scanner, buffer, at, end);
      scanner.rebase(at);
      return end;
    }
    spareScanner = scanner;
    this.fail(sectionEnd === INCOMPLETE ? Http1Error.HeadersTooLarge : scanner.error);
    return at;
  }

  #continueSection(
    partial: PartialSection,
    section: Section,
    buffer: Buffer,
    at: number,
    end: number,
  ): number {
    const before = partial.length;
    partial.append(buffer, at, Math.min(end, at + this.#headBytesMax - before));
    const sectionEnd = partial.scanner.scan(partial.bytes, partial.length);
    if (sectionEnd >= 0) {
      const next = at + sectionEnd - before;
      this.#partial = null;
      this.#deliver(section, partial.scanner, partial.bytes, 0, sectionEnd, end - next);
      return next;
    }
    if (sectionEnd === INCOMPLETE && partial.length < this.#headBytesMax) return end;
    this.fail(sectionEnd === INCOMPLETE ? Http1Error.HeadersTooLarge : partial.scanner.error);
    return at;
  }

  #deliver(
    section: Section,
    scanner: HeadScanner,
    buffer: Buffer,
    start: number,
    end: number,
    behind: number,
  ): void {
    if (section === Section.Trailers) {
      this.#deliverTrailers(scanner, buffer, start, end, behind);
      return;
    }
    this.trailerBytes = 0;
    this.trailersDropped = 0;
    const headers = this.readHead(scanner, buffer, start, end);
    spareScanner = scanner;
    if (headers instanceof HeaderMap) this.onHead(headers, behind);
    else this.fail(headers);
  }

  #deliverTrailers(
    scanner: HeadScanner,
    buffer: Buffer,
    start: number,
    end: number,
    behind: number,
  ): void {
    const wanted = scanner.count > 0 && this.options.enableTrailers;
    const underscores =
      this.#section === Section.Request ? this.options.headersWithUnderscoresAction : "ALLOW";
    const trailers = wanted ? TRAILERS.read(scanner, buffer, start, end, underscores) : null;
    spareScanner = scanner;
    if (trailers !== null && !(trailers instanceof HeaderMap)) {
      this.fail(trailers);
      return;
    }
    if (trailers !== null) {
      this.trailerBytes = TRAILERS.headerBytes;
      this.trailersDropped = TRAILERS.droppedUnderscores;
    }
    this.#complete(behind);
    if (trailers === null || trailers.size === 0) this.callbacks.onData(NOTHING, true);
    else this.callbacks.onTrailers(trailers);
  }
}

/** What follows a chunk's data when the chunk is the last and there are no trailers. */
const LAST_CHUNK = Buffer.from("\r\n0\r\n\r\n");

function isLastChunk(buffer: Buffer, at: number, end: number): boolean {
  if (end - at < LAST_CHUNK.length) return false;
  for (let i = 0; i < LAST_CHUNK.length; i++) {
    if (buffer[at + i] !== LAST_CHUNK[i]) return false;
  }
  return true;
}

const TRAILERS = new TrailerSection();

/** Scanning never runs user code, so all codecs of a thread share one scanner; an incomplete head keeps it. */
let spareScanner: HeadScanner | null = null;

function takeScanner(): HeadScanner {
  const scanner = spareScanner ?? new HeadScanner();
  spareScanner = null;
  return scanner;
}
