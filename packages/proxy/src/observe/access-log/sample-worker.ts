import { TimerWheel } from "../../base/timer-wheel.ts";
import type { WorkerContext } from "../../base/worker-context.ts";
import { Runtime } from "../../runtime/snapshot.ts";

/** For tests: a worker whose clock the test moves, with stats in plain memory. */
export class SampleWorker implements WorkerContext {
  readonly workerId = 0;
  readonly stats = {
    slots: new Float64Array(64),
    record: (): void => {},
    dynamicCounter: (): number => 0,
    dynamicHistogram: (): number => 0,
  };
  readonly timers: TimerWheel;
  readonly runtime: Runtime = new Runtime();
  /** What `random` gives. */
  drawn = 0;
  #now = 1000;
  #wakeAt = Infinity;
  #wake: () => void = () => {};

  constructor() {
    this.timers = new TimerWheel({
      nowMs: () => this.#now,
      onException: (error) => {
        throw error;
      },
      wakeAfter: (delayMs, wake) => {
        this.#wakeAt = this.#now + delayMs;
        this.#wake = wake;
      },
    });
  }

  nowMs(): number {
    return this.#now;
  }

  wallMs(): number {
    return Date.UTC(2026, 10, 21) + this.#now;
  }

  random(): number {
    return this.drawn;
  }

  advance(ms: number): void {
    const to = this.#now + ms;
    while (this.#wakeAt <= to) {
      this.#now = Math.max(this.#now, this.#wakeAt);
      this.#wakeAt = Infinity;
      this.#wake();
    }
    this.#now = to;
  }
}
