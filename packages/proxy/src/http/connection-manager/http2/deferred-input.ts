import type { Connection } from "../../../transport/connection.ts";
import type { LoopTask } from "../../../transport/io-loop.ts";

/** Who reads input, as far as it may in one turn of the event loop. */
export interface InputReader {
  /** Returns where the rest begins. */
  read(buffer: Buffer, start: number, end: number): number;
  /** Another turn begins. */
  onTurn(): void;
}

/** Input of a connection that is read in later turns of the event loop. No more is read of the socket until then. */
export class DeferredInput implements LoopTask {
  readonly #reader: InputReader;
  readonly #socket: Connection;
  #rest: Buffer | null = null;

  constructor(reader: InputReader, socket: Connection) {
    this.#reader = reader;
    this.#socket = socket;
  }

  /** Keeps what is borrowed; only when nothing is kept. */
  keep(buffer: Buffer, start: number, end: number): void {
    this.#rest = Buffer.from(buffer.subarray(start, end));
    this.#socket.readDisable(true);
    this.#socket.context.loop.soon(this);
  }

  /** What comes although reading stopped waits too: TLS had read it before. False when nothing waits. */
  append(buffer: Buffer, start: number, end: number): boolean {
    if (this.#rest === null) return false;
    this.#rest = Buffer.concat([this.#rest, buffer.subarray(start, end)]);
    return true;
  }

  onTurn(): void {
    const rest = this.#rest;
    const socket = this.#socket;
    if (rest === null || socket.closing) return;
    this.#rest = null;
    try {
      this.#reader.onTurn();
      const at = this.#reader.read(rest, 0, rest.length);
      if (at < rest.length) this.#keepOn(rest.subarray(at));
      else socket.readDisable(false);
    } catch (error) {
      socket.context.loop.onException(error);
      socket.close("local", true);
    }
  }

  #keepOn(rest: Buffer): void {
    this.#rest = rest;
    this.#socket.context.loop.soon(this);
  }
}
