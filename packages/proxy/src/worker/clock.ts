import type { WheelClock } from "../base/timer-wheel.ts";
import type { IoLoop } from "../transport/io-loop.ts";

/** Timers that come later than this let what arrived meanwhile go first: nobody is late because the loop was. */
const LATE_MS = 20;
/** How long the offset between wall clock and monotonic clock is trusted. */
const RESYNC_MS = 1000;

/** The worker's time: that of the event loop's callback, so that one callback sees one time. */
export class WorkerClock implements WheelClock {
  readonly #loop: IoLoop;
  #offsetMs = 0;
  #syncedMs = -Infinity;
  #timer: NodeJS.Timeout | null = null;

  constructor(loop: IoLoop) {
    this.#loop = loop;
  }

  nowMs(): number {
    return this.#loop.now;
  }

  wallMs(): number {
    const { now } = this.#loop;
    if (now - this.#syncedMs > RESYNC_MS) {
      this.#syncedMs = now;
      this.#offsetMs = Date.now() - performance.now();
    }
    return this.#offsetMs + now;
  }

  wakeAfter(delayMs: number, wake: () => void): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    const dueMs = this.#loop.now + delayMs;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (performance.now() - dueMs > LATE_MS) setImmediate(() => this.#wake(wake));
      else this.#wake(wake);
    }, delayMs);
    this.#timer.unref();
  }

  onException(error: unknown): void {
    this.#loop.onException(error);
  }

  #wake(wake: () => void): void {
    this.#loop.enter();
    wake();
    this.#loop.leave();
  }
}
