import { GRPC_FRAME_HEAD_BYTES } from "@nuncio/codec";

/** Follows the frames of a gRPC body as its bytes pass; nothing is kept of them. */
export class FrameScanner {
  /** Frames that began so far. */
  frames = 0;
  /** Of the last `scan`: the offset behind the last message that is complete; -1 when none ended in that piece. */
  boundary = -1;
  #headBytes = 0;
  #messageBytesLeft = 0;

  /** The next piece of the body. With `stopFlag`, stops at a frame that has this flag: its offset is returned, else -1. */
  scan(data: Buffer, stopFlag = 0): number {
    this.boundary = -1;
    let at = 0;
    while (at < data.length) {
      if (this.#headBytes < GRPC_FRAME_HEAD_BYTES) {
        const byte = data[at]!;
        if (this.#headBytes === 0) {
          if ((byte & stopFlag) !== 0) return at;
          this.frames++;
          this.#messageBytesLeft = 0;
        } else this.#messageBytesLeft = this.#messageBytesLeft * 256 + byte;
        this.#headBytes++;
        at++;
      } else {
        const bytes = Math.min(this.#messageBytesLeft, data.length - at);
        this.#messageBytesLeft -= bytes;
        at += bytes;
      }
      if (this.#headBytes === GRPC_FRAME_HEAD_BYTES && this.#messageBytesLeft === 0) {
        this.#headBytes = 0;
        this.boundary = at;
      }
    }
    return -1;
  }
}
