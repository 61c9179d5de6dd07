import { TimerScale } from "../base/timer-scale.ts";
import type { WorkerContext } from "../base/worker-context.ts";
import { LoopBeat } from "./loop-beat.ts";
import type { OverloadInit, OverloadUpdate } from "./model.ts";
import { OverloadState } from "./overload-state.ts";

/** The overload manager's side on a worker. */
export class WorkerOverload {
  /** For whoever sheds. */
  readonly state: OverloadState;
  readonly #worker: WorkerContext;
  readonly #scale: TimerScale | null;
  readonly #beat: LoopBeat | null;

  /** `init`: null where there is no overload manager. */
  constructor(init: OverloadInit | null, worker: WorkerContext) {
    this.#worker = worker;
    this.state = init === null ? OverloadState.NONE : new OverloadState(init, worker);
    const scaled = init?.timerMinimums.some((minimum) => minimum !== null) === true;
    this.#scale = scaled ? new TimerScale(init.timerMinimums) : null;
    this.#beat = init === null ? null : new LoopBeat(init, worker.workerId);
    this.#beat?.start();
  }

  /** Timeouts are as long as main says from now on, those that run included. */
  apply({ timerFactors }: OverloadUpdate): void {
    if (this.#scale === null) return;
    this.#scale.factors = timerFactors;
    this.#worker.timers.rescale(this.#scale);
  }

  stop(): void {
    this.#beat?.stop();
  }
}
