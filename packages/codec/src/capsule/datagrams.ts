import { readVarint, varintBytes, varintText } from "./varint.ts";

/** What goes wrong with capsules, in Envoy's words. */
export type CapsuleError =
  | "Visitor failed to process capsule"
  | "Incomplete capsule left at the end of the stream";

/** RFC 9297 3.5. */
const DATAGRAM = 0;
/** RFC 9298 5: the payload is that of a UDP packet. */
const UDP_PACKET = 0;
/** No UDP packet has more; with a context that takes eight bytes. */
const DATAGRAM_MAX_BYTES = 65_535 + 8;
/** Type and length, each of eight bytes at most. */
const HEAD_MAX_BYTES = 16;

/** What stands before the bytes of a UDP packet in a DATAGRAM capsule, as a byte string. */
export function datagramPrefix(payloadBytes: number): string {
  return varintText(DATAGRAM) + varintText(payloadBytes + 1) + varintText(UDP_PACKET);
}

/**
 * Finds UDP packets in a stream of capsules (RFC 9297 3.2, RFC 9298 5). Capsules of other types, packets of other contexts,
 * and those that are longer than UDP allows are dropped while they come; no more than one packet is kept.
 */
export class DatagramReader {
  readonly #onDatagram: (payload: Buffer) => void;
  /** Type and length, as far as they came. */
  readonly #head: Buffer = Buffer.alloc(HEAD_MAX_BYTES);
  #headBytes = 0;
  /** Of the capsule's content, what is still to come; -1 between capsules. */
  #left = -1;
  /** The content is no packet's. */
  #dropped = false;
  /** Content that came in pieces, so far; null for none. */
  #content: Buffer | null = null;
  #contentBytes = 0;

  /** `onDatagram` gets borrowed bytes. */
  constructor(onDatagram: (payload: Buffer) => void) {
    this.#onDatagram = onDatagram;
  }

  /** Reads what came; with an error nothing more is to be read. */
  read(data: Buffer): CapsuleError | null {
    let at = 0;
    while (at < data.length) {
      if (this.#left < 0) {
        at = this.#readHead(data, at);
        if (this.#left < 0) return null;
      }
      const end = Math.min(data.length, at + this.#left);
      const whole = end - at === this.#left;
      if (!this.#take(data, at, end, whole)) return "Visitor failed to process capsule";
      this.#left = whole ? -1 : this.#left - (end - at);
      at = end;
    }
    return null;
  }

  /** The stream ended. */
  finish(): CapsuleError | null {
    return this.#headBytes > 0 || this.#left >= 0
      ? "Incomplete capsule left at the end of the stream"
      : null;
  }

  /** Returns where the content begins, or the end of `data`. */
  #readHead(data: Buffer, at: number): number {
    const head = this.#head;
    while (at < data.length) {
      head[this.#headBytes++] = data[at++]!;
      const typeBytes = varintBytes(head[0]!);
      if (this.#headBytes <= typeBytes) continue;
      if (this.#headBytes < typeBytes + varintBytes(head[typeBytes]!)) continue;
      this.#begin(readVarint(head, 0), readVarint(head, typeBytes));
      break;
    }
    return at;
  }

  #begin(type: number, length: number): void {
    this.#headBytes = 0;
    this.#left = length;
    this.#contentBytes = 0;
    this.#dropped = type !== DATAGRAM || length > DATAGRAM_MAX_BYTES;
  }

  /** A piece of content; false when it is malformed. */
  #take(data: Buffer, start: number, end: number, whole: boolean): boolean {
    if (this.#dropped) return true;
    if (whole && this.#content === null) return this.#deliver(data.subarray(start, end));
    const content = (this.#content ??= Buffer.allocUnsafe(this.#left));
    this.#contentBytes += data.copy(content, this.#contentBytes, start, end);
    if (!whole) return true;
    this.#content = null;
    return this.#deliver(content);
  }

  #deliver(content: Buffer): boolean {
    if (content.length === 0) return false;
    const contextBytes = varintBytes(content[0]!);
    if (content.length < contextBytes) return false;
    if (readVarint(content, 0) === UDP_PACKET) this.#onDatagram(content.subarray(contextBytes));
    return true;
  }
}
