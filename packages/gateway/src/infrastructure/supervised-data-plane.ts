import { sameData } from "../incremental/same-data.ts";
import { Epoch, type Start } from "./epoch.ts";
import type { Lineage } from "./lineage.ts";
import type { ProcessGuard } from "./process-guard.ts";
import type { RestartDelay } from "./restart-delay.ts";

export interface SupervisedDataPlaneOptions {
  /** What a process is started with, as it should be now: when it differs from what runs, a successor takes over. */
  readonly settings: () => unknown;
  /** Asked before each start. What it throws is why the process does not run. */
  readonly command: (start: Start) => readonly string[];
  /** For processes that take over from each other; undefined: none can. */
  readonly newLineage: () => Lineage | undefined;
  /** From being told to end until being killed. */
  readonly endWithinMs: () => number;
  /** So long a process may take until it serves, when another one waits for that. */
  readonly serveWithinMs: number;
  /** So long the one before may part with its connections. It ends of itself: this is for one that does not. */
  readonly leaveWithinMs: () => number;
  readonly guard: Pick<ProcessGuard, "add" | "remove">;
  readonly delay: RestartDelay;
  /** It does not run as it should, and why; undefined: it does. */
  readonly onState: (failure: string | undefined) => void;
}

/**
 * A data plane that is started again until it is told to stop: in the place of a process that ended, and beside one whose settings are others now,
 * which then hands over by hot restart. At most two processes at a time: a third one would have the first end at once.
 */
export class SupervisedDataPlane {
  readonly #options: SupervisedDataPlaneOptions;
  /** Accepts, or is about to. */
  #serving: Epoch | undefined;
  #successor: Epoch | undefined;
  /** They have handed over, and part with their connections. */
  readonly #leaving = new Set<Epoch>();
  /** Settings of the last start. */
  #tried: unknown;
  /** Until the next start. */
  #timer: NodeJS.Timeout | undefined;
  /** The next start waits for the process that is there: to serve, or to end. */
  #waits = false;
  #state: "new" | "started" | "stopped" = "new";

  constructor(options: SupervisedDataPlaneOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#state === "new") this.#state = "started";
    this.#go();
  }

  /** `settings` may be others. Where a process starts or leaves, the last ones wait for that. */
  update(): void {
    if (sameData(this.#tried, this.#options.settings())) return;
    // What failed may not fail any more.
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#go();
  }

  /** Resolves when all of its processes are gone. */
  async stop(): Promise<void> {
    this.#state = "stopped";
    clearTimeout(this.#timer);
    await Promise.all(this.#epochs().map((epoch) => this.#end(epoch, "it is not wanted")));
  }

  /** Does what there is to do, unless something has to be waited for. */
  #go(): void {
    if (this.#state !== "started" || this.#timer !== undefined) return;
    if (this.#waits || this.#successor !== undefined) return;
    const serving = this.#serving;
    if (serving === undefined) {
      this.#serving = this.#run(undefined);
    } else if (sameData(serving.settings, this.#options.settings())) {
      // Others were tried in vain, and are not wanted any more.
      if (!sameData(this.#tried, serving.settings)) this.#options.onState(undefined);
      this.#tried = serving.settings;
    } else if (this.#leaving.size === 0) {
      this.#succeed(serving);
    }
  }

  #succeed(serving: Epoch): void {
    if (serving.lineage?.isThere() !== true) {
      this.#waits = true;
      void this.#end(serving, "it has other settings");
    } else if (!serving.serves) {
      this.#waits = true;
      serving.askWhetherItServes(this.#options.serveWithinMs, (serves) => {
        this.#waits = !serves;
        if (serves) this.#go();
        else void this.#end(serving, "it has other settings");
      });
    } else {
      const successor = this.#run(serving);
      this.#successor = successor;
      const { serveWithinMs } = this.#options;
      successor?.askWhetherItServes(serveWithinMs, (serves) => {
        if (serves) this.#onServes(successor);
        else void this.#end(successor, `it did not serve within ${serveWithinMs / 1_000} s`);
      });
    }
  }

  /** Starts a process; undefined when that is not possible. */
  #run(before: Epoch | undefined): Epoch | undefined {
    const { settings, newLineage, command, guard, delay, onState } = this.#options;
    this.#tried = settings();
    delay.started();
    let lineage = before?.lineage;
    try {
      lineage ??= newLineage();
      const start = { lineage, epoch: before === undefined ? 0 : before.epoch + 1 };
      const epoch: Epoch = new Epoch(start, this.#tried, {
        command: command(start),
        guard,
        onSpawn: () => {
          if (before === undefined) onState(undefined);
        },
        onEnd: (why, clean) => this.#onEnd(epoch, why, clean),
      });
      return epoch;
    } catch (error) {
      if (before === undefined) lineage?.remove();
      this.#again((error as Error).message);
      return undefined;
    }
  }

  #onServes(successor: Epoch): void {
    const before = this.#serving;
    this.#serving = successor;
    this.#successor = undefined;
    if (before !== undefined) {
      this.#leaving.add(before);
      before.endAfter(this.#options.leaveWithinMs(), this.#options.endWithinMs());
    }
    this.#options.onState(undefined);
    this.#go();
  }

  #onEnd(epoch: Epoch, why: string, clean: boolean): void {
    if (this.#leaving.delete(epoch)) {
      this.#removeUnused(epoch.lineage);
      this.#go();
    } else if (epoch === this.#successor) {
      this.#successor = undefined;
      epoch.lineage?.forgetStart();
      this.#removeUnused(epoch.lineage);
      this.#again(this.#serving === undefined ? why : `${why}; ${GOES_ON}`);
    } else {
      this.#serving = undefined;
      this.#waits = false;
      this.#removeUnused(epoch.lineage);
      if (this.#successor !== undefined) this.#onEndBesideSuccessor(why, clean);
      else if (epoch.why === undefined) this.#again(why);
      else this.#go();
    }
  }

  /** It may have handed over and parted with its last connection before the successor was seen to serve. */
  #onEndBesideSuccessor(why: string, clean: boolean): void {
    if (!clean && this.#state === "started") this.#options.onState(why);
  }

  #again(why: string): void {
    if (this.#state !== "started") return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#go();
    }, this.#options.delay.nextMs());
    this.#options.onState(why);
  }

  #end(epoch: Epoch, why: string): Promise<void> {
    return epoch.end(why, this.#options.endWithinMs());
  }

  #removeUnused(lineage: Lineage | undefined): void {
    if (!this.#epochs().some((epoch) => epoch.lineage === lineage)) lineage?.remove();
  }

  #epochs(): Epoch[] {
    return [this.#serving, this.#successor, ...this.#leaving].filter(
      (epoch) => epoch !== undefined,
    );
  }
}

const GOES_ON = "the one before it goes on with the settings of before";
