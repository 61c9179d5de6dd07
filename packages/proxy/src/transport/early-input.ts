import type { Connection } from "./connection.ts";

/** Bytes that were read of a socket before its connection wanted any: a copy, kept until it does. */
export class EarlyInput {
  readonly #bytes: Buffer;
  #scheduled = false;

  /** `bytes` are borrowed. */
  constructor(bytes: Buffer) {
    this.#bytes = Buffer.from(bytes);
  }

  /** Hands them on in a later turn of the event loop, as a read would, and has the connection read on. */
  deliverSoon(connection: Connection): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(deliver, this, connection);
  }

  /** Now, unless the connection was told to stop again; then it will be told to go on. */
  deliver(connection: Connection): void {
    this.#scheduled = false;
    if (connection.readDisabled || connection.closed) return;
    const { loop } = connection.context;
    loop.enter();
    try {
      connection.onEarlyInput(this.#bytes);
      if (!connection.readDisabled) connection.handle?.readStart();
    } catch (error) {
      loop.onException(error);
      connection.close("local", true);
    }
    loop.leave();
  }
}

function deliver(input: EarlyInput, connection: Connection): void {
  input.deliver(connection);
}
