import { Timer, type TimerTarget } from "../base/timer-wheel.ts";
import type { Connection } from "./connection.ts";

/** Ends a connection whose peer does not take the rest of the output, or does not close when it has it. */
export class DelayedClose implements TimerTarget {
  readonly #connection: Connection;
  readonly #timer: Timer = new Timer(this);
  #ms = 0;
  #unsentBytes = 0;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** `ms` from now on, and again as long as the peer takes output meanwhile. */
  arm(ms: number): void {
    const { context, unsentBytes } = this.#connection;
    this.#ms = ms;
    this.#unsentBytes = unsentBytes;
    context.timers.arm(this.#timer, ms);
  }

  cancel(): void {
    this.#connection.context.timers.cancel(this.#timer);
  }

  onTimer(): void {
    const connection = this.#connection;
    if (connection.unsentBytes < this.#unsentBytes) {
      this.arm(this.#ms);
      return;
    }
    connection.lingerExpired = true;
    connection.close("local");
  }
}
