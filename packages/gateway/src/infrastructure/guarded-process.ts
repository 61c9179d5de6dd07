import { spawn, type ChildProcess } from "node:child_process";
import type { ProcessGuard } from "./process-guard.ts";

/** What is kept of what a process says, to tell why it ended. */
const LAST_WORDS_MAX = 2_000;

export interface GuardedProcessOptions {
  readonly command: readonly string[];
  readonly guard: Pick<ProcessGuard, "add" | "remove">;
  readonly onSpawn: () => void;
  /** It is gone, or could not be started, and why. `clean`: it ended of itself, and found nothing wrong. */
  readonly onEnd: (why: string, clean: boolean) => void;
}

/** A process that ends with this one, from its start to its end. What it says on stderr is said here, too. */
export class GuardedProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;

  constructor({ command: [program = "", ...args], guard, onSpawn, onEnd }: GuardedProcessOptions) {
    const child: ChildProcess = spawn(program, args, { stdio: ["ignore", "inherit", "pipe"] });
    this.#child = child;
    let lastWords = "";
    this.#ended = new Promise((resolve) => {
      const ended = (why: string, clean: boolean): void => {
        resolve();
        onEnd(`${why}${lastWords === "" ? "" : `: ${lastWords.trim()}`}`, clean);
      };
      child.once("error", ({ message }) =>
        ended(`${program} cannot be started: ${message}`, false),
      );
      child.once("exit", (code, signal) =>
        ended(`the data plane ended with ${signal ?? code}`, code === 0),
      );
    });
    // Without a file descriptor for it there is none, and an error follows.
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      process.stderr.write(text);
      lastWords = (lastWords + text).slice(-LAST_WORDS_MAX);
    });
    const { pid } = child;
    if (pid !== undefined) {
      guard.add(pid);
      child.once("exit", () => guard.remove(pid));
    }
    child.once("spawn", onSpawn);
  }

  /** Told to end, and killed after so long. Resolves when it is gone. */
  async stop(endWithinMs: number): Promise<void> {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), endWithinMs);
    await this.#ended;
    clearTimeout(timer);
  }
}
