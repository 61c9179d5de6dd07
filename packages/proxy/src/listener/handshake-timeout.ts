import { Timer, type TimerTarget } from "../base/timer-wheel.ts";
import type { Connection } from "../transport/connection.ts";

/** `transport_socket_connect_timeout`: a peer that does not finish its handshake is dropped. */
export class HandshakeTimeout implements TimerTarget {
  readonly #connection: Connection;
  readonly #onTimeout: () => void;

  /** `onTimeout` is called before the connection is closed. */
  constructor(connection: Connection, timeoutMs: number, onTimeout: () => void) {
    this.#connection = connection;
    this.#onTimeout = onTimeout;
    connection.context.timers.arm(new Timer(this), timeoutMs);
  }

  onTimer(): void {
    const connection = this.#connection;
    if (connection.closed || connection.tls?.established === true) return;
    this.#onTimeout();
    connection.close("local");
  }
}
