import { GRPC_FRAME_HEAD_BYTES } from "./frame.ts";

/** Why reading cannot go on. */
export type GrpcFrameError = "compressed" | "too_large";

const NOTHING = Buffer.alloc(0);

/**
 * Takes gRPC messages out of the bytes of a body: `push` a piece, then `read` until it gives null. A message that lies whole
 * in its piece is a view of it; only what comes in parts is put together.
 */
export class GrpcFrameReader {
  readonly #bytesMax: number;
  /** What is not read yet of the last piece. */
  #piece: Buffer = NOTHING;
  #at = 0;
  readonly #head: Buffer = Buffer.alloc(GRPC_FRAME_HEAD_BYTES);
  #headBytes = 0;
  /** Of the message whose head is complete. */
  #length = 0;
  #parts: Buffer[] | null = null;
  #partBytes = 0;
  /** Null while all is well; then nothing is read any more. */
  error: GrpcFrameError | null = null;

  /** `bytesMax` is of one message; 0: no limit. */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** A message has begun, and is not whole. */
  get isInsideMessage(): boolean {
    return this.#headBytes > 0;
  }

  /** The next piece, behind one of which everything was read. It is borrowed until `read` gives null. */
  push(piece: Buffer): void {
    this.#piece = piece;
    this.#at = 0;
  }

  /** The next message; null when it is not there yet, or `error` is set. */
  read(): Buffer | null {
    if (this.error !== null || !this.#readHead()) return null;
    const from = this.#at;
    const missing = this.#length - this.#partBytes;
    const to = Math.min(from + missing, this.#piece.length);
    this.#at = to;
    const part = this.#piece.subarray(from, to);
    if (part.length === missing) return this.#finish(part);
    // The piece is gone when the rest comes.
    if (part.length > 0) (this.#parts ??= []).push(Buffer.from(part));
    this.#partBytes += part.length;
    return null;
  }

  /** False while the head is not complete, or says what cannot be. */
  #readHead(): boolean {
    if (this.#headBytes === GRPC_FRAME_HEAD_BYTES) return true;
    while (this.#headBytes < GRPC_FRAME_HEAD_BYTES && this.#at < this.#piece.length)
      this.#head[this.#headBytes++] = this.#piece[this.#at++]!;
    if (this.#headBytes < GRPC_FRAME_HEAD_BYTES) return false;
    this.#length = this.#head.readUInt32BE(1);
    // No encoding was agreed on. An empty message is the same in every encoding.
    if (this.#head[0] !== 0 && this.#length > 0) this.error = "compressed";
    else if (this.#bytesMax > 0 && this.#length > this.#bytesMax) this.error = "too_large";
    return this.error === null;
  }

  #finish(last: Buffer): Buffer {
    const parts = this.#parts;
    this.#headBytes = 0;
    this.#parts = null;
    this.#partBytes = 0;
    if (parts === null) return last;
    parts.push(last);
    return Buffer.concat(parts);
  }
}
