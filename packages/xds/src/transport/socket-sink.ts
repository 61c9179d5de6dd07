import type net from "node:net";
import type { Http2Sink } from "@nuncio/codec";

/** Gathers what the codec writes until `flush`, which is one write; what nobody flushes goes out when the turn ends. */
export class SocketSink implements Http2Sink {
  readonly #socket: net.Socket;
  /** Latin-1. */
  #gathered = "";
  #isFlushDue = false;

  constructor(socket: net.Socket) {
    this.#socket = socket;
  }

  get unsentBytes(): number {
    return this.#socket.writableLength + this.#gathered.length;
  }

  writeLatin1(text: string): void {
    this.#gathered += text;
    if (this.#isFlushDue) return;
    this.#isFlushDue = true;
    process.nextTick(() => this.flush());
  }

  writeBytes(data: Buffer): void {
    this.writeLatin1(data.toString("latin1"));
  }

  writePieces(heads: readonly string[], data: Buffer, pieceBytes: number): void {
    for (const [index, head] of heads.entries()) {
      const at = index * pieceBytes;
      this.writeLatin1(head + data.latin1Slice(at, Math.min(at + pieceBytes, data.length)));
    }
  }

  flush(): void {
    this.#isFlushDue = false;
    const text = this.#gathered;
    if (text === "") return;
    this.#gathered = "";
    if (this.#socket.writable) this.#socket.write(text, "latin1");
  }
}
