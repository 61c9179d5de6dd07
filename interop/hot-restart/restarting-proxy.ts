import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { ask } from "../harness/ask.ts";
import { runToEnd, startProcess, type StartedProcess } from "../harness/child-process.ts";
import { isReady, proxyCommand } from "../harness/proxy-process.ts";
import { NUNCIO } from "../harness/repository.ts";

const READY_WITHIN_MS = 20_000;
const RESTART_WITHIN_MS = 60_000;
const ENDS_WITHIN_MS = 30_000;
const POLL_MS = 20;

/** Nuncio, as one process after the other. */
export class RestartingProxy {
  readonly #folder: string;
  readonly #adminPort: number;
  readonly #first: StartedProcess;
  /** Of the process that serves. */
  #pid: number;

  private constructor(folder: string, adminPort: number, first: StartedProcess) {
    this.#folder = folder;
    this.#adminPort = adminPort;
    this.#first = first;
    this.#pid = first.pid;
  }

  /** Resolves when the first process serves. `bootstrap` has to have admin at that port. */
  static async start(
    folder: string,
    bootstrap: object,
    adminPort: number,
    flags: readonly string[],
  ): Promise<RestartingProxy> {
    const file = join(folder, "envoy.yaml");
    writeFileSync(
      file,
      stringify(bootstrap, { defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN" }),
    );
    const base = ["--use-dynamic-base-id", "--base-id-path", join(folder, "base-id")];
    const log = ["-l", "info", "--log-path", join(folder, "log")];
    const all = ["-c", file, ...base, ...log, ...flags];
    const first = startProcess([...proxyCommand("nuncio"), ...all]);
    const proxy = new RestartingProxy(folder, adminPort, first);
    const ready = await proxy.#within(READY_WITHIN_MS, () => isReady(adminPort));
    if (ready) return proxy;
    await first.stop();
    throw new Error(`nuncio was not ready in time\n${first.output()}\n${proxy.log()}`);
  }

  /** One restart; resolves when the process before has ended, too. */
  async restart(): Promise<void> {
    const command = [process.execPath, NUNCIO, "restart", "--base-id-path", this.#baseIdPath];
    const { code, output } = await runToEnd(command, RESTART_WITHIN_MS);
    if (code !== 0) throw new Error(`nuncio restart exited with ${code}: ${output}`);
    const before = this.#pid;
    this.#pid = Number(/^process (\d+) serves after/m.exec(output)?.[1]);
    if (!(this.#pid > 0)) throw new Error(`nuncio restart did not say who serves: ${output}`);
    if (!(await this.#within(ENDS_WITHIN_MS, () => Promise.resolve(!isAlive(before)))))
      throw new Error(`process ${before} did not end after its drain\n${this.log()}`);
  }

  /** A stat; undefined when admin did not answer, as in the moment in which it changes hands. */
  async stat(name: string): Promise<number | undefined> {
    const answer = await ask(this.#adminPort, `/stats?filter=^${name}$`).catch(() => null);
    const value = /: (\d+)$/m.exec(answer?.body ?? "")?.[1];
    return value === undefined ? undefined : Number(value);
  }

  /** The end of what all processes logged. */
  log(): string {
    return readFileSync(join(this.#folder, "log"), "utf8").slice(-4_000);
  }

  async stop(): Promise<void> {
    await ask(this.#adminPort, "/quitquitquit", "POST").catch(() => null);
    const ended = await this.#within(ENDS_WITHIN_MS, () => Promise.resolve(!isAlive(this.#pid)));
    if (!ended) process.kill(this.#pid, "SIGKILL");
    await this.#first.stop();
  }

  get #baseIdPath(): string {
    return join(this.#folder, "base-id");
  }

  async #within(limitMs: number, isSo: () => Promise<boolean>): Promise<boolean> {
    const deadline = performance.now() + limitMs;
    while (performance.now() < deadline) {
      if (await isSo()) return true;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    return false;
  }
}

/** Processes that this one did not start are reaped by whoever started them. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return !/^State:\s+Z/m.test(readStatus(pid));
}

function readStatus(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    return "State: Z";
  }
}
