/** A frame that carries less than this of a block costs more than it brings. */
const USUAL_FRAGMENT_BYTES = 1024;
/** Frames beyond those that the limit asks for. */
const SPARE_FRAMES = 64;

/**
 * The fragments of a header block that does not come in one frame (RFC 9113 4.3). It must be whole to be decoded, so its bytes
 * and its frames are bounded before anybody looks at it.
 */
export class HeaderBlock {
  /** Behind a HEADERS frame without END_HEADERS: nothing but its CONTINUATION may come. */
  open = false;
  bytes: Buffer = EMPTY;
  length = 0;
  /** The most that is read of a block on the wire. */
  readonly maxBytes: number;
  readonly #maxFrames: number;
  #frames = 0;

  /** `maxListBytes`: the limit of the fields. A block of somewhat more is read, so that only its stream must end. */
  constructor(maxListBytes: number) {
    this.maxBytes = maxListBytes * 2;
    this.#maxFrames = SPARE_FRAMES + Math.ceil(maxListBytes / USUAL_FRAGMENT_BYTES);
  }

  begin(): void {
    this.open = true;
    this.length = 0;
    this.#frames = 0;
  }

  /** Copies a fragment. False when the block is too long, or in too many frames. */
  append(buffer: Buffer, start: number, end: number): boolean {
    const length = this.length + end - start;
    if (length > this.maxBytes || ++this.#frames > this.#maxFrames) return false;
    if (length > this.bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(length, this.bytes.length * 2));
      this.bytes.copy(larger, 0, 0, this.length);
      this.bytes = larger;
    }
    buffer.copy(this.bytes, this.length, start, end);
    this.length = length;
    return true;
  }

  /** The block was decoded; its memory goes. */
  end(): void {
    this.open = false;
    this.bytes = EMPTY;
  }
}

const EMPTY = Buffer.alloc(0);
