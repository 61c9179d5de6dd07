import { FrameScanner } from "../../grpc/frame-scanner.ts";

const TRIPLE = 3;

/**
 * gRPC as base64 that can be decoded as it comes: a piece ends in padding where a message ends, and nowhere else. No
 * message is kept for that, only the one or two bytes that fill no group of characters yet.
 */
export class Base64Encoder {
  readonly #scanner = new FrameScanner();
  #rest: Buffer = NOTHING;

  /** What can be told of the next piece of a body. */
  encode(piece: Buffer): string {
    const before = this.#rest.length;
    const data = before === 0 ? piece : Buffer.concat([this.#rest, piece]);
    this.#scanner.scan(piece);
    const { boundary } = this.#scanner;
    const messages = boundary < 0 ? 0 : before + boundary;
    const open = data.length - messages;
    const end = data.length - (open % TRIPLE);
    this.#rest = end === data.length ? NOTHING : Buffer.from(data.subarray(end));
    return data.toString("base64", 0, messages) + data.toString("base64", messages, end);
  }

  /** What is left of a body that ended, and `last` behind it. */
  finish(last: Buffer): string {
    const rest = this.#rest.toString("base64");
    this.#rest = NOTHING;
    return rest + last.toString("base64");
  }
}

const NOTHING: Buffer = Buffer.alloc(0);
