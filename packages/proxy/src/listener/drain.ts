import type { WorkerContext } from "../base/worker-context.ts";

/** How connections of what goes away are parted with. */
export interface DrainOptions {
  /** `--drain-time-s`, in milliseconds: when it has passed they are closed. */
  readonly timeMs: number;
  /** `--drain-strategy`. */
  readonly strategy: "gradual" | "immediate";
}

/** One drain on its way: says of each response whether it is its connection's last one. */
export class Drain {
  readonly options: DrainOptions;
  readonly #worker: WorkerContext;
  readonly #startMs: number;

  constructor(options: DrainOptions, worker: WorkerContext) {
    this.options = options;
    this.#worker = worker;
    this.#startMs = worker.nowMs();
  }

  /** Gradually: the more of the drain time has passed, the more likely, so that clients do not come back all at once. */
  drainClose(): boolean {
    const { timeMs, strategy } = this.options;
    if (strategy === "immediate") return true;
    const elapsedMs = this.#worker.nowMs() - this.#startMs;
    return elapsedMs >= timeMs || elapsedMs > this.#worker.random() * timeMs;
  }
}
