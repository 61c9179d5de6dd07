import { fork, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { runToEnd } from "../harness/child-process.ts";
import { proxyCommand, type ProxyKind } from "../harness/proxy-process.ts";

const WITHIN_MS = 20_000;

/** Of processes that give verdicts (`nice`): those that serve at the same time go first, because their times are looked at. */
export const VERDICTS_PRIORITY = 19;

/** The flags that ask a proxy for a verdict, up to the file. */
export const VALIDATE_FLAGS: readonly string[] = ["--mode", "validate", "-l", "critical", "-c"];

/** How `--mode validate` ends, and what it prints. */
export interface Validation {
  /** -1 when it took too long. */
  readonly code: number;
  readonly output: string;
}

/** Asks a proxy for its verdicts on files, one after the other; a process for each, but for Nuncio one for all. */
export class Validator {
  readonly #kind: ProxyKind;
  #server: ChildProcess | null = null;

  constructor(kind: ProxyKind) {
    this.#kind = kind;
  }

  validate(file: string): Promise<Validation> {
    if (this.#kind === "nuncio") return this.#ask(file);
    const nice = ["nice", "-n", String(VERDICTS_PRIORITY)];
    return runToEnd([...nice, ...proxyCommand(this.#kind), ...VALIDATE_FLAGS, file], WITHIN_MS);
  }

  close(): void {
    this.#server?.kill("SIGKILL");
    this.#server = null;
  }

  #ask(file: string): Promise<Validation> {
    const server = (this.#server ??= fork(join(import.meta.dirname, "validate-server.ts")));
    return new Promise((resolve) => {
      const end = (validation: Validation): void => {
        clearTimeout(timer);
        server.off("message", end).off("exit", die);
        resolve(validation);
      };
      const fail = (output: string): void => {
        this.close();
        end({ code: -1, output });
      };
      const die = (): void => fail("died");
      const timer = setTimeout(() => fail("gave no verdict in time"), WITHIN_MS);
      server.on("message", end).on("exit", die);
      server.send(file);
    });
  }
}
