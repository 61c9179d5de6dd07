import { hash } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Cells } from "../incremental/cells.ts";
import { sameData } from "../incremental/same-data.ts";
import type { IrInfrastructure } from "../ir/infrastructure.ts";
import type { ObjectKey } from "../resources/object.ts";
import { gatewayBootstrap } from "./bootstrap.ts";
import { ProcessGuard } from "./process-guard.ts";
import { RestartDelay } from "./restart-delay.ts";
import { SupervisedProcess } from "./supervised-process.ts";
import type { XdsAddress } from "./xds-address.ts";

export interface HostDataPlanesOptions {
  readonly infrastructure: Cells<IrInfrastructure>;
  readonly xds: XdsAddress;
  /** The command that runs a data plane with a bootstrap in a file. */
  readonly command: (wanted: IrInfrastructure, bootstrapFile: string) => readonly string[];
  /** The data plane of a gateway does not run, and why; undefined: it runs. */
  readonly onState: (gateway: ObjectKey, failure: string | undefined) => void;
  /** Something is wrong that is of no gateway. */
  readonly onError: (message: string) => void;
  /** Bounds of the wait before a data plane that ended is started again. */
  readonly backOff?: { readonly baseIntervalMs: number; readonly maxIntervalMs: number };
}

const BACK_OFF = { baseIntervalMs: 500, maxIntervalMs: 30_000 };
/** A process that is told to end has so long before it is killed, unless its Gateway says how long. */
const END_WITHIN_MS = 5_000;
/** So much of a Gateway's name is in that of its file. */
const NAME_MAX = 100;

/** A process for each gateway, as long as the gateway is there; one that ends is started again. */
export class HostDataPlanes {
  readonly #options: HostDataPlanesOptions;
  readonly #running = new Map<ObjectKey, SupervisedProcess>();
  /** Processes that were told to end, whether their gateways have another one or are gone. */
  readonly #ending = new Set<Promise<void>>();
  #folder = newFolder();
  readonly #guard: ProcessGuard;
  #closed = false;

  constructor(options: HostDataPlanesOptions) {
    this.#options = options;
    const { onError } = options;
    this.#guard = new ProcessGuard({ endWithinSeconds: END_WITHIN_MS / 1_000, onError });
    options.infrastructure.onChange((gateway, value, before) => {
      if (this.#closed) return;
      if (value && before && sameProcess(value, before)) {
        this.#running.get(gateway)?.endWithin(endWithinMs(value));
        return;
      }
      const old = this.#running.get(gateway);
      this.#running.delete(gateway);
      // The new one needs the ports of the old one.
      const gone = old === undefined ? Promise.resolve() : this.#stop(old);
      if (value !== undefined) this.#start(value, gone);
    });
  }

  /** Ends all processes; resolves when they are gone. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const one of this.#running.values()) void this.#stop(one);
    await Promise.all(this.#ending);
    this.#guard.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #stop(one: SupervisedProcess): Promise<void> {
    const gone = one.stop().finally(() => this.#ending.delete(gone));
    this.#ending.add(gone);
    return gone;
  }

  #start(wanted: IrInfrastructure, after: Promise<void>): void {
    const { gateway } = wanted;
    const { command, onState, backOff } = this.#options;
    const supervised = new SupervisedProcess({
      command: () => command(wanted, this.#writeBootstrap(wanted)),
      guard: this.#guard,
      endWithinMs: endWithinMs(wanted),
      delay: new RestartDelay(backOff ?? BACK_OFF),
      onState: (failure) => {
        if (this.#running.get(gateway) === supervised) onState(gateway, failure);
      },
    });
    this.#running.set(gateway, supervised);
    void after.then(() => supervised.start());
  }

  /** Before each start: folders of temporary files are cleaned up by others. */
  #writeBootstrap(wanted: IrInfrastructure): string {
    if (!existsSync(this.#folder)) this.#folder = newFolder();
    const file = join(this.#folder, fileName(wanted.gateway));
    writeFileSync(file, JSON.stringify(gatewayBootstrap(wanted, this.#options.xds)));
    return file;
  }
}

function newFolder(): string {
  return mkdtempSync(join(tmpdir(), "nuncio-gateway-"));
}

/** The names of a Gateway and its namespace together may be longer than that of a file. */
function fileName(gateway: ObjectKey): string {
  const start = gateway.replaceAll("/", "_").slice(0, NAME_MAX);
  return `${start}-${hash("sha256", gateway).slice(0, 8)}.json`;
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
