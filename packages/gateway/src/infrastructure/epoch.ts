import { GuardedProcess, type GuardedProcessOptions } from "./guarded-process.ts";
import type { Lineage } from "./lineage.ts";

/** How often a process is asked whether it serves. */
const ASK_INTERVAL_MS = 50;

/** How one start of a process differs from others. */
export interface Start {
  /** Undefined where there is no hot restart. */
  readonly lineage: Lineage | undefined;
  readonly epoch: number;
}

/** A process of a data plane: the first one of a lineage, or one that takes over from the one before it. */
export class Epoch {
  readonly lineage: Lineage | undefined;
  readonly epoch: number;
  /** What it was started with. */
  readonly settings: unknown;
  /** Why it was told to end. */
  why: string | undefined;
  /** It was seen to. */
  serves = false;
  readonly #process: GuardedProcess;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor({ lineage, epoch }: Start, settings: unknown, options: GuardedProcessOptions) {
    this.lineage = lineage;
    this.epoch = epoch;
    this.settings = settings;
    this.#process = new GuardedProcess({
      ...options,
      onEnd: (why, clean) => {
        this.#ended = true;
        clearTimeout(this.#timer);
        options.onEnd(this.why ?? why, clean);
      },
    });
  }

  /** Asks until it serves, or has had its time for that. `then` is called once, unless the process ends, or is told to, before. */
  askWhetherItServes(withinMs: number, then: (serves: boolean) => void): void {
    const deadline = performance.now() + withinMs;
    const ask = async (): Promise<void> => {
      this.serves ||= (await this.lineage?.serves(this.epoch)) ?? false;
      if (this.#ended || this.why !== undefined) return;
      if (this.serves || performance.now() > deadline) then(this.serves);
      else this.#timer = setTimeout(() => void ask(), ASK_INTERVAL_MS);
    };
    void ask();
  }

  /** Unless it has ended by then, it is told to. `endWithinMs`: from then until it is killed. */
  endAfter(ms: number, endWithinMs: number): void {
    this.#timer = setTimeout(() => void this.end("it took too long", endWithinMs), ms);
  }

  /** Resolves when it is gone. */
  end(why: string, endWithinMs: number): Promise<void> {
    this.why ??= why;
    clearTimeout(this.#timer);
    return this.#process.stop(endWithinMs);
  }
}
