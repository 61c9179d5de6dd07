import type { WorkerStats } from "../observe/stats/definition.ts";
import type { Runtime } from "../runtime/snapshot.ts";
import type { TimerWheel } from "./timer-wheel.ts";

/** What every part of a worker thread may use. One object per worker; nothing else is global. */
export interface WorkerContext {
  /** 0-based. */
  readonly workerId: number;
  readonly stats: WorkerStats;
  readonly timers: TimerWheel;
  /** The values of the runtime, as of now. */
  readonly runtime: Runtime;
  /** Monotonic milliseconds with fractions, read once per I/O callback: good for deadlines and durations. */
  nowMs(): number;
  /** Wall clock at the same instant, milliseconds since the epoch with fractions. */
  wallMs(): number;
  /** Uniform in [0, 1). */
  random(): number;
}
