import type { Connection } from "./connection.ts";
import type { LoopTask } from "./io-loop.ts";
import type { SecureHandle } from "./transport-socket.ts";

/** Gives a connection what was read before it was there. Null when that is done. */
export function receiveEarly(connection: Connection, early: Buffer): EarlyInput | null {
  if (connection.tls === null && connection.readDisabled) return new EarlyInput(early, connection);
  if (connection.tls !== null) (connection.handle as SecureHandle).receive(early);
  else connection.onEarlyInput(early);
  return null;
}

/** Bytes that were read of a socket before its connection wanted any: a copy, kept until it does. */
export class EarlyInput implements LoopTask {
  readonly #bytes: Buffer;
  readonly #connection: Connection;
  #scheduled = false;

  /** `bytes` are borrowed. */
  constructor(bytes: Buffer, connection: Connection) {
    this.#bytes = Buffer.from(bytes);
    this.#connection = connection;
  }

  /** Hands them on in a later turn of the event loop, as a read would, and has the connection read on. */
  deliverSoon(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#connection.context.loop.soon(this);
  }

  /** Now, unless the connection was told to stop again; then it will be told to go on. */
  onTurn(): void {
    this.#scheduled = false;
    const connection = this.#connection;
    if (connection.readDisabled || connection.closed) return;
    try {
      connection.onEarlyInput(this.#bytes);
      if (!connection.readDisabled) connection.handle?.readStart();
    } catch (error) {
      connection.context.loop.onException(error);
      connection.close("local", true);
    }
  }
}
