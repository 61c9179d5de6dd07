import net from "node:net";
import { FrameFlag, FrameType, readFrames } from "@nuncio/codec/testing/http2-frames";

const HEAD_BYTES = 9;

/**
 * One side of an HTTP/2 connection that sends whatever a test wants to, frame by frame, and keeps no rule. What it reads it
 * counts; of DATA it keeps no byte, so that it can read as much as it likes.
 */
export class FramePeer {
  readonly socket: net.Socket;
  /** Frames read, by type; without acknowledgements. */
  readonly frames: number[] = Array.from({ length: 10 }, () => 0);
  /** Acknowledgements of SETTINGS and PING. */
  acks = 0;
  /** Octets of DATA. */
  dataBytes = 0;
  /** Error codes of RST_STREAM frames, in order. */
  readonly resetCodes: number[] = [];
  /** Error code of the last GOAWAY. */
  goAwayCode: number | null = null;
  /** The connection is gone, or its peer sends no more. */
  ended = false;
  /** Whole frames other than DATA. */
  #kept = "";
  #unread: Buffer = Buffer.alloc(0);
  #wake: () => void = () => {};

  /** `skip`: octets in front of the first frame, such as a client's preface. */
  constructor(socket: net.Socket, skip = 0) {
    this.socket = socket;
    let left = skip;
    socket.on("error", () => this.#onEnd());
    socket.on("end", () => this.#onEnd());
    socket.on("close", () => this.#onEnd());
    socket.on("data", (bytes: Buffer) => {
      const from = Math.min(left, bytes.length);
      left -= from;
      this.#read(bytes.subarray(from));
      this.#wake();
    });
  }

  /** A client of a port on loopback; it has sent nothing yet. */
  static connect(port: number): FramePeer {
    return new FramePeer(net.connect({ port, host: "127.0.0.1", allowHalfOpen: true }));
  }

  /** What was read but for DATA, a line a frame. */
  get lines(): string[] {
    return readFrames(this.#kept);
  }

  /** Of the responses so far, informational ones included. */
  get statuses(): string[] {
    return this.lines.flatMap((line) => /:status=(\d+)/.exec(line)?.[1] ?? []);
  }

  /** Frames as Latin-1 text. */
  send(frames: string): this {
    this.socket.write(Buffer.from(frames, "latin1"));
    return this;
  }

  /** Waits until something is as `test` says, or the connection ended. */
  async until(test: () => boolean): Promise<void> {
    while (!test() && !this.ended) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  close(): void {
    this.socket.destroy();
  }

  #onEnd(): void {
    this.ended = true;
    this.#wake();
  }

  #read(bytes: Buffer): void {
    let input = this.#unread.length === 0 ? bytes : Buffer.concat([this.#unread, bytes]);
    while (input.length >= HEAD_BYTES) {
      const end = HEAD_BYTES + input.readUIntBE(0, 3);
      if (input.length < end) break;
      this.#note(input.subarray(0, end));
      input = input.subarray(end);
    }
    this.#unread = Buffer.from(input);
  }

  #note(frame: Buffer): void {
    const type = frame[3]!;
    if (type === FrameType.Data) this.dataBytes += frame.length - HEAD_BYTES;
    else this.#kept += frame.toString("latin1");
    const acknowledges = (frame[4]! & FrameFlag.Ack) !== 0;
    if (acknowledges && (type === FrameType.Settings || type === FrameType.Ping)) {
      this.acks++;
      return;
    }
    this.frames[type] = (this.frames[type] ?? 0) + 1;
    if (type === FrameType.RstStream) this.resetCodes.push(frame.readUInt32BE(HEAD_BYTES));
    if (type === FrameType.GoAway) this.goAwayCode = frame.readUInt32BE(HEAD_BYTES + 4);
  }
}
