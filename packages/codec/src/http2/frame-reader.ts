import { FrameFlag, FrameType, CLIENT_PREFACE, FRAME_HEAD_BYTES } from "./frames.ts";

/** What the next byte belongs to. */
const Phase = { Preface: 0, Head: 1, Payload: 2, PadLength: 3, Data: 4 } as const;
type Phase = (typeof Phase)[keyof typeof Phase];

/**
 * Cuts a stream of bytes into frames. The payload of DATA is handed on as it comes; other frames are whole when they are
 * told, from the reader's buffer where they lie in one piece.
 */
export abstract class FrameReader {
  /** Set when nothing more may be read: the rest of the input is dropped. */
  protected stopped = false;
  /** The frame that is being read. */
  protected frameType = 0;
  protected frameFlags = 0;
  protected frameStreamId = 0;
  /** Octets of its payload. */
  protected frameLength = 0;
  /** Of a DATA frame: the pad length octet and the padding. */
  protected dataOverhead = 0;

  #paused = false;
  #phase: Phase;
  readonly #head = new Uint8Array(FRAME_HEAD_BYTES);
  /** Of the preface or the head, the octets that are here. */
  #have = 0;
  #payload: Buffer | null = null;
  #payloadHave = 0;
  #dataLeft = 0;
  #paddingLeft = 0;

  constructor(expectsPreface: boolean) {
    this.#phase = expectsPreface ? Phase.Preface : Phase.Head;
  }

  /** The head of a frame came. False when the connection ended because of it. */
  protected abstract onFrameHead(): boolean;
  /** The payload of a frame other than DATA. */
  protected abstract onPayload(buffer: Buffer, start: number, end: number): void;
  /** The data of a DATA frame is this long, without padding. Called once a frame, before its pieces. */
  protected abstract onDataLength(length: number): void;
  /** A piece of the data of a DATA frame, perhaps empty; `last` when the frame ends with it. */
  protected abstract onDataPiece(buffer: Buffer, start: number, end: number, last: boolean): void;
  /** The client preface is not one, or there is more padding than payload. */
  protected abstract onFramingError(): void;

  /**
   * Takes all of `buffer` from `start` to `end`, which is borrowed; after `pause` it takes no more. Returns where the rest
   * begins, which is to be given again.
   */
  execute(buffer: Buffer, start: number, end: number): number {
    this.#paused = false;
    let at = start;
    while (at < end && !this.stopped && !this.#paused) {
      switch (this.#phase) {
        case Phase.Head:
          at = this.#readHead(buffer, at, end);
          break;
        case Phase.Payload:
          at = this.#readPayload(buffer, at, end);
          break;
        case Phase.Data:
          at = this.#readData(buffer, at, end);
          break;
        case Phase.PadLength:
          at = this.#readPadLength(buffer, at);
          break;
        case Phase.Preface:
          at = this.#readPreface(buffer, at, end);
          break;
      }
    }
    return this.stopped ? end : at;
  }

  /** From within a callback: `execute` returns behind the frame, or the piece of it, that is being read. */
  pause(): void {
    this.#paused = true;
  }

  #readPreface(buffer: Buffer, start: number, end: number): number {
    let at = start;
    while (at < end && this.#have < CLIENT_PREFACE.length) {
      if (buffer[at++] !== CLIENT_PREFACE.charCodeAt(this.#have++)) {
        this.onFramingError();
        return end;
      }
    }
    if (this.#have === CLIENT_PREFACE.length) {
      this.#have = 0;
      this.#phase = Phase.Head;
    }
    return at;
  }

  #readHead(buffer: Buffer, start: number, end: number): number {
    if (this.#have === 0 && end - start >= FRAME_HEAD_BYTES) {
      this.#beginFrame(buffer, start);
      return start + FRAME_HEAD_BYTES;
    }
    let at = start;
    while (at < end && this.#have < FRAME_HEAD_BYTES) this.#head[this.#have++] = buffer[at++]!;
    if (this.#have === FRAME_HEAD_BYTES) {
      this.#have = 0;
      this.#beginFrame(this.#head, 0);
    }
    return at;
  }

  #beginFrame(bytes: Uint8Array, at: number): void {
    const length = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
    const type = bytes[at + 3]!;
    const flags = bytes[at + 4]!;
    this.frameLength = length;
    this.frameType = type;
    this.frameFlags = flags;
    // The first bit is reserved, and ignored (RFC 9113 4.1).
    this.frameStreamId =
      ((bytes[at + 5]! & 0x7f) << 24) |
      (bytes[at + 6]! << 16) |
      (bytes[at + 7]! << 8) |
      bytes[at + 8]!;
    if (!this.onFrameHead()) return;
    if (type === FrameType.Data) {
      this.dataOverhead = 0;
      this.#paddingLeft = 0;
      if ((flags & FrameFlag.Padded) !== 0) {
        if (length === 0) this.onFramingError();
        this.#phase = Phase.PadLength;
        return;
      }
      this.#beginData(length);
    } else if (length === 0) {
      this.#phase = Phase.Head;
      this.onPayload(EMPTY, 0, 0);
    } else {
      this.#phase = Phase.Payload;
    }
  }

  #readPadLength(buffer: Buffer, at: number): number {
    const padding = buffer[at]!;
    if (padding >= this.frameLength) {
      this.onFramingError();
      return at + 1;
    }
    this.#paddingLeft = padding;
    this.dataOverhead = padding + 1;
    this.#beginData(this.frameLength - 1 - padding);
    return at + 1;
  }

  #beginData(length: number): void {
    this.onDataLength(length);
    this.#dataLeft = length;
    if (length + this.#paddingLeft > 0) {
      this.#phase = Phase.Data;
      return;
    }
    this.#phase = Phase.Head;
    if (!this.stopped) this.onDataPiece(EMPTY, 0, 0, true);
  }

  #readData(buffer: Buffer, start: number, end: number): number {
    const available = end - start;
    const left = this.#dataLeft;
    const padding = this.#paddingLeft;
    if (available >= left + padding) {
      this.#phase = Phase.Head;
      this.onDataPiece(buffer, start, start + left, true);
      return start + left + padding;
    }
    const taken = Math.min(available, left);
    this.#dataLeft = left - taken;
    this.#paddingLeft = padding - (available - taken);
    if (taken > 0) this.onDataPiece(buffer, start, start + taken, false);
    return end;
  }

  #readPayload(buffer: Buffer, start: number, end: number): number {
    const length = this.frameLength;
    if (this.#payload === null) {
      if (end - start >= length) {
        this.#phase = Phase.Head;
        this.onPayload(buffer, start, start + length);
        return start + length;
      }
      this.#payload = Buffer.allocUnsafeSlow(length);
      this.#payloadHave = 0;
    }
    const payload = this.#payload;
    const taken = Math.min(end - start, length - this.#payloadHave);
    buffer.copy(payload, this.#payloadHave, start, start + taken);
    this.#payloadHave += taken;
    if (this.#payloadHave === length) {
      this.#payload = null;
      this.#phase = Phase.Head;
      this.onPayload(payload, 0, length);
    }
    return start + taken;
  }
}

const EMPTY = Buffer.alloc(0);
