import { GRPC_FRAME_HEAD_BYTES } from "@nuncio/codec";

/** The flag of the frame that ends a stream of the Connect protocol ("EndStreamResponse"). */
export const CONNECT_END = 0x02;

/** So much of that frame is read. */
const END_BYTES_MAX = 64 * 1024;

/** The last frame of a Connect stream: JSON that has an `error` when the call failed. */
export class ConnectEnd {
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  /** A piece of the body, from the frame's first byte on. */
  add(data: Buffer): void {
    const room = GRPC_FRAME_HEAD_BYTES + END_BYTES_MAX - this.#bytes;
    if (room <= 0 || data.length === 0) return;
    const piece = Buffer.from(data.subarray(0, room));
    this.#chunks.push(piece);
    this.#bytes += piece.length;
  }

  /** False, too, when the frame is cut off, too long, or no JSON object. */
  get success(): boolean {
    if (this.#bytes < GRPC_FRAME_HEAD_BYTES) return false;
    const frame = Buffer.concat(this.#chunks);
    const end = GRPC_FRAME_HEAD_BYTES + frame.readUInt32BE(1);
    if (end > frame.length) return false;
    try {
      const value: unknown = JSON.parse(frame.toString("utf8", GRPC_FRAME_HEAD_BYTES, end));
      return (
        typeof value === "object" && value !== null && !Array.isArray(value) && !("error" in value)
      );
    } catch {
      return false;
    }
  }
}
