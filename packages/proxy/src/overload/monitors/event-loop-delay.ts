import type { EventLoopBeats } from "../overload-memory.ts";
import type { ResourceMonitor } from "./monitor.ts";

/** By how much the event loop of a worker is late, against a limit: what each request waits, beside its work. */
export class EventLoopDelayMonitor implements ResourceMonitor {
  readonly ofMemory = false;
  readonly #maxDelayMs: number;
  readonly #beats: EventLoopBeats;
  readonly #beatMs: number;
  readonly #nowMs: () => number;

  /** `nowMs`: the clock that the workers' beats are noted by. */
  constructor(maxDelayMs: number, beats: EventLoopBeats, beatMs: number, nowMs: () => number) {
    this.#maxDelayMs = maxDelayMs;
    this.#beats = beats;
    this.#beatMs = beatMs;
    this.#nowMs = nowMs;
  }

  pressure(): number {
    return this.#beats.takeMeanMs(this.#nowMs(), this.#beatMs) / this.#maxDelayMs;
  }
}
