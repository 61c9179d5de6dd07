import { TimerWheel } from "../../base/timer-wheel.ts";
import type { WorkerContext } from "../../base/worker-context.ts";
import type { WorkerStats } from "../../observe/stats/definition.ts";
import { Runtime } from "../../runtime/snapshot.ts";

/** Stats of nobody: plain slots that a test reads. */
export function fakeStats(slots = 4096): WorkerStats {
  return {
    slots: new Float64Array(slots),
    record() {},
    dynamicCounter: () => slots - 1,
    dynamicHistogram: () => 0,
  };
}

/** A worker whose clock stands still unless the test moves it, and whose dice are seeded. */
export class FakeWorker implements WorkerContext {
  readonly workerId: number = 0;
  readonly stats: WorkerStats = fakeStats();
  readonly timers: TimerWheel;
  readonly runtime: Runtime = new Runtime();
  now = 1_000_000;
  #state: number;

  constructor(seed = 1) {
    this.#state = seed;
    this.timers = new TimerWheel({
      nowMs: () => this.now,
      wakeAfter() {},
      onException(error) {
        throw error;
      },
    });
  }

  nowMs(): number {
    return this.now;
  }

  wallMs(): number {
    return this.now;
  }

  /** Mulberry32. */
  random(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }
}
