import { spawn, type ChildProcess } from "node:child_process";
import type { ProcessGuard } from "./process-guard.ts";
import type { RestartDelay } from "./restart-delay.ts";

/** What is kept of what a process says, to tell why it ended. */
const LAST_WORDS_MAX = 2_000;

export interface SupervisedProcessOptions {
  /** Asked before each start. What it throws is why the process does not run. */
  readonly command: () => readonly string[];
  /** From being told to end until being killed. */
  readonly endWithinMs: number;
  readonly guard: Pick<ProcessGuard, "add" | "remove">;
  readonly delay: RestartDelay;
  /** It does not run, and why; undefined: it runs. */
  readonly onState: (failure: string | undefined) => void;
}

/** A process that is started again until it is told to stop. */
export class SupervisedProcess {
  readonly #options: SupervisedProcessOptions;
  #child: ChildProcess | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #endWithinMs: number;
  #ended: Promise<void> = Promise.resolve();

  constructor(options: SupervisedProcessOptions) {
    this.#options = options;
    this.#endWithinMs = options.endWithinMs;
  }

  /** How long it may take to end from now on. */
  endWithin(ms: number): void {
    this.#endWithinMs = ms;
  }

  start(): void {
    if (this.#stopped) return;
    this.#options.delay.started();
    try {
      this.#run(this.#options.command());
    } catch (error) {
      this.#again((error as Error).message);
    }
  }

  #run([program = "", ...args]: readonly string[]): void {
    const child: ChildProcess = spawn(program, args, { stdio: ["ignore", "inherit", "pipe"] });
    this.#child = child;
    let lastWords = "";
    this.#ended = new Promise((resolve) => {
      const ended = (why: string): void => {
        resolve();
        this.#again(`${why}${lastWords === "" ? "" : `: ${lastWords.trim()}`}`);
      };
      child.once("error", (error) => ended(`${program} cannot be started: ${error.message}`));
      child.once("exit", (code, signal) => ended(`the data plane ended with ${signal ?? code}`));
    });
    // Without a file descriptor for it there is none, and an error follows.
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      process.stderr.write(text);
      lastWords = (lastWords + text).slice(-LAST_WORDS_MAX);
    });
    const { guard } = this.#options;
    const { pid } = child;
    if (pid !== undefined) {
      guard.add(pid);
      child.once("exit", () => guard.remove(pid));
    }
    child.once("spawn", () => this.#options.onState(undefined));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), this.#endWithinMs);
    await this.#ended;
    clearTimeout(timer);
  }

  #again(why: string): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => this.start(), this.#options.delay.nextMs());
    this.#options.onState(why);
  }
}
