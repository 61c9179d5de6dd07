import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Cells } from "../incremental/cells.ts";
import { sameData } from "../incremental/same-data.ts";
import type { IrInfrastructure } from "../ir/infrastructure.ts";
import type { ObjectKey } from "../resources/object.ts";
import { gatewayBootstrap } from "./bootstrap.ts";
import { RestartDelay } from "./restart-delay.ts";

export interface HostDataPlanesOptions {
  readonly infrastructure: Cells<IrInfrastructure>;
  readonly xds: { readonly host: string; readonly port: number };
  /** The command that runs a data plane with a bootstrap in a file. */
  readonly command: (wanted: IrInfrastructure, bootstrapFile: string) => readonly string[];
  /** The data plane of a gateway does not run, and why; undefined: it runs. */
  readonly onState: (gateway: ObjectKey, failure: string | undefined) => void;
  /** Bounds of the wait before a data plane that ended is started again. */
  readonly backOff?: { readonly baseIntervalMs: number; readonly maxIntervalMs: number };
}

const BACK_OFF = { baseIntervalMs: 500, maxIntervalMs: 30_000 };
/** A process that is told to end has so long before it is killed, unless its Gateway says how long. */
const END_WITHIN_MS = 5_000;
/** What is kept of what a data plane says, to tell why it ended. */
const LAST_WORDS_MAX = 2_000;

/** A process for each gateway, as long as the gateway is there; one that ends is started again. */
export class HostDataPlanes {
  readonly #options: HostDataPlanesOptions;
  readonly #running = new Map<ObjectKey, Supervised>();
  readonly #folder = mkdtempSync(join(tmpdir(), "nuncio-gateway-"));
  #closed = false;

  constructor(options: HostDataPlanesOptions) {
    this.#options = options;
    options.infrastructure.onChange((gateway, value, before) => {
      if (this.#closed) return;
      if (value && before && sameProcess(value, before)) {
        this.#running.get(gateway)?.endWithin(endWithinMs(value));
        return;
      }
      const old = this.#running.get(gateway);
      this.#running.delete(gateway);
      // The new one needs the ports of the old one.
      const gone = old === undefined ? Promise.resolve() : old.stop();
      if (value !== undefined) this.#start(value, gone);
    });
  }

  /** Ends all processes; resolves when they are gone. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(Array.from(this.#running.values(), (one) => one.stop()));
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #start(wanted: IrInfrastructure, after: Promise<void>): void {
    const { gateway } = wanted;
    const { xds, command, onState, backOff } = this.#options;
    const file = join(this.#folder, `${gateway.replaceAll("/", "_")}.json`);
    writeFileSync(file, JSON.stringify(gatewayBootstrap(wanted, xds)));
    const supervised = new Supervised({
      command: command(wanted, file),
      endWithinMs: endWithinMs(wanted),
      delay: new RestartDelay(backOff ?? BACK_OFF),
      onState: (failure) => {
        if (this.#running.get(gateway) === supervised) onState(gateway, failure);
      },
    });
    this.#running.set(gateway, supervised);
    void after.then(() => supervised.start());
  }
}

/** What the process is started with stays the same: it hears of everything else by xDS. */
function sameProcess(a: IrInfrastructure, b: IrInfrastructure): boolean {
  const startedWith = (wanted: IrInfrastructure) => {
    const { dataPlane, concurrency, logLevel, adminPort, drainSeconds } = wanted;
    const { labels, annotations } = wanted;
    return { dataPlane, concurrency, logLevel, adminPort, drainSeconds, labels, annotations };
  };
  return sameData(startedWith(a), startedWith(b));
}

function endWithinMs({ terminationSeconds }: IrInfrastructure): number {
  return terminationSeconds === undefined ? END_WITHIN_MS : terminationSeconds * 1_000;
}

interface SupervisedOptions {
  readonly command: readonly string[];
  readonly endWithinMs: number;
  readonly delay: RestartDelay;
  readonly onState: (failure: string | undefined) => void;
}

/** A process that is started again until it is told to stop. */
class Supervised {
  readonly #options: SupervisedOptions;
  #child: ChildProcess | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #endWithinMs: number;
  #ended: Promise<void> = Promise.resolve();

  constructor(options: SupervisedOptions) {
    this.#options = options;
    this.#endWithinMs = options.endWithinMs;
  }

  /** How long it may take to end from now on. */
  endWithin(ms: number): void {
    this.#endWithinMs = ms;
  }

  start(): void {
    if (this.#stopped) return;
    const [program = "", ...args] = this.#options.command;
    const child = spawn(program, args, { stdio: ["ignore", "inherit", "pipe"] });
    this.#child = child;
    let lastWords = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      process.stderr.write(text);
      lastWords = (lastWords + text).slice(-LAST_WORDS_MAX);
    });
    this.#options.delay.started();
    child.once("spawn", () => this.#options.onState(undefined));
    this.#ended = new Promise((resolve) => {
      const ended = (why: string): void => {
        resolve();
        this.#again(`${why}${lastWords === "" ? "" : `: ${lastWords.trim()}`}`);
      };
      child.once("error", (error) => ended(`${program} cannot be started: ${error.message}`));
      child.once("exit", (code, signal) => ended(`the data plane ended with ${signal ?? code}`));
    });
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
    this.#options.onState(why);
    this.#timer = setTimeout(() => this.start(), this.#options.delay.nextMs());
  }
}
