import { FLAGS, FRAME_TYPES, type Frame } from "./frames.ts";

const FIRST_WINDOW = 65_535;
const FRAME_BYTES_MAX = 16_384;

/** What waits on a stream for its window. */
interface Item {
  readonly kind: "headers" | "data";
  bytes: Buffer;
  readonly end: boolean;
}

/** Sends header blocks and data of all streams as far as the peer's windows allow (RFC 9113, section 5.2), in order. */
export class SendQueue {
  readonly #sendFrame: (frame: Frame) => void;
  readonly #waiting = new Map<number, Item[]>();
  readonly #windows = new Map<number, number>();
  #connectionWindow = FIRST_WINDOW;
  #initialWindow = FIRST_WINDOW;
  #frameBytesMax = FRAME_BYTES_MAX;

  constructor(sendFrame: (frame: Frame) => void) {
    this.#sendFrame = sendFrame;
  }

  headers(stream: number, bytes: Buffer, end: boolean): void {
    this.#add(stream, { kind: "headers", bytes, end });
  }

  data(stream: number, bytes: Buffer, end: boolean): void {
    this.#add(stream, { kind: "data", bytes, end });
  }

  /** Forgets what waits on a stream: nobody wants it any more. */
  drop(stream: number): void {
    this.#waiting.delete(stream);
  }

  /** A WINDOW_UPDATE of the peer. */
  open(stream: number, increment: number): void {
    if (stream === 0) this.#connectionWindow += increment;
    else this.#windows.set(stream, this.#windowOf(stream) + increment);
    this.#flushAll();
  }

  /** The peer's SETTINGS. A new initial window changes those of all streams (section 6.9.2). */
  settings(settings: ReadonlyMap<string, number>): void {
    this.#frameBytesMax = settings.get("MAX_FRAME_SIZE") ?? this.#frameBytesMax;
    const initial = settings.get("INITIAL_WINDOW_SIZE");
    if (initial === undefined) return;
    for (const [stream, window] of this.#windows)
      this.#windows.set(stream, window + initial - this.#initialWindow);
    this.#initialWindow = initial;
    this.#flushAll();
  }

  #add(stream: number, item: Item): void {
    const items = this.#waiting.get(stream) ?? [];
    items.push(item);
    this.#waiting.set(stream, items);
    this.#flush(stream, items);
  }

  #windowOf(stream: number): number {
    return this.#windows.get(stream) ?? this.#initialWindow;
  }

  #flushAll(): void {
    for (const [stream, items] of this.#waiting) this.#flush(stream, items);
  }

  #flush(stream: number, items: Item[]): void {
    for (let item = items[0]; item !== undefined; item = items[0]) {
      if (item.kind === "headers") this.#sendBlock(stream, item);
      else if (!this.#sendData(stream, item)) return;
      items.shift();
    }
    this.#waiting.delete(stream);
  }

  /** A block that does not fit one frame goes on in CONTINUATIONs. */
  #sendBlock(stream: number, { bytes, end }: Item): void {
    for (let at = 0; at === 0 || at < bytes.length; at += this.#frameBytesMax) {
      const payload = bytes.subarray(at, at + this.#frameBytesMax);
      const isLast = at + this.#frameBytesMax >= bytes.length;
      this.#sendFrame({
        type: at === 0 ? FRAME_TYPES.HEADERS : FRAME_TYPES.CONTINUATION,
        flags: (isLast ? FLAGS.END_HEADERS : 0) | (end && at === 0 ? FLAGS.END_STREAM : 0),
        stream,
        payload,
      });
    }
  }

  /** False when a window is closed before all is sent. */
  #sendData(stream: number, item: Item): boolean {
    do {
      const window = Math.min(this.#connectionWindow, this.#windowOf(stream));
      const size = Math.min(item.bytes.length, Math.max(window, 0), this.#frameBytesMax);
      if (size === 0 && item.bytes.length > 0) return false;
      const isLast = size === item.bytes.length;
      this.#connectionWindow -= size;
      this.#windows.set(stream, this.#windowOf(stream) - size);
      this.#sendFrame({
        type: FRAME_TYPES.DATA,
        flags: isLast && item.end ? FLAGS.END_STREAM : 0,
        stream,
        payload: item.bytes.subarray(0, size),
      });
      item.bytes = item.bytes.subarray(size);
    } while (item.bytes.length > 0);
    return true;
  }
}
