import { hash } from "node:crypto";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Cells } from "../incremental/cells.ts";
import type { IrInfrastructure } from "../ir/infrastructure.ts";
import type { ObjectKey } from "../resources/object.ts";
import { gatewayBootstrap } from "./bootstrap.ts";
import type { Start } from "./epoch.ts";
import { Lineage, LONGEST_SOCKET_NAME } from "./lineage.ts";
import { ProcessGuard } from "./process-guard.ts";
import { RestartDelay } from "./restart-delay.ts";
import { makeSocketFolder } from "./socket-folder.ts";
import { SupervisedDataPlane } from "./supervised-data-plane.ts";
import type { XdsAddress } from "./xds-address.ts";

/** What has to run for a gateway, and which data plane that is. */
export type HostInfrastructure = IrInfrastructure & Required<Pick<IrInfrastructure, "dataPlane">>;

export interface HostDataPlanesOptions {
  readonly infrastructure: Cells<IrInfrastructure>;
  readonly xds: XdsAddress;
  /** What runs where a gateway does not say. */
  readonly dataPlane: "Nuncio" | "Envoy";
  /** Whether a process can take over from another one: needs Linux. */
  readonly hotRestart: boolean;
  /** The command that runs a data plane with a bootstrap in a file. `restartFlags`: Envoy's, about hot restart. */
  readonly command: (
    wanted: HostInfrastructure,
    bootstrapFile: string,
    restartFlags: readonly string[],
  ) => readonly string[];
  /** The data plane of a gateway does not run as it should, and why; undefined: it does. */
  readonly onState: (gateway: ObjectKey, failure: string | undefined) => void;
  /** Something is wrong that is of no gateway. */
  readonly onError: (message: string) => void;
  /** Bounds of the wait before a data plane that ended is started again. */
  readonly backOff?: { readonly baseIntervalMs: number; readonly maxIntervalMs: number };
  /** A process that takes over from another one has so long until it serves; 120 s unless given. */
  readonly serveWithinMs?: number;
}

const BACK_OFF = { baseIntervalMs: 500, maxIntervalMs: 30_000 };
const SERVE_WITHIN_MS = 120_000;
/** A process that is told to end has so long before it is killed, unless its Gateway says how long. */
const END_WITHIN_MS = 5_000;
/** How long connections are asked to end, and then may take, unless a Gateway says how long: as Envoy has it. */
const DRAIN_SECONDS = 600;
const AFTER_DRAIN_SECONDS = 300;
/** So much of a Gateway's name is in that of its file. */
const NAME_MAX = 100;

interface Running {
  wanted: HostInfrastructure;
  readonly plane: SupervisedDataPlane;
}

/**
 * A data plane for each gateway, as long as the gateway is there: a process, or two while one takes over from the other because what it is started
 * with has changed.
 */
export class HostDataPlanes {
  readonly #options: HostDataPlanesOptions;
  readonly #running = new Map<ObjectKey, Running>();
  /** Those that were told to end, whether their gateways have another one or are gone. */
  readonly #ending = new Set<Promise<void>>();
  readonly #guard: ProcessGuard;
  #folder = "";
  #closed = false;

  constructor(options: HostDataPlanesOptions) {
    this.#options = options;
    const { onError } = options;
    this.#guard = new ProcessGuard({ endWithinSeconds: END_WITHIN_MS / 1_000, onError });
    options.infrastructure.onChange((gateway, value) => {
      if (!this.#closed) this.#onChange(gateway, value);
    });
  }

  /** Ends all processes; resolves when they are gone. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { plane } of this.#running.values()) void this.#stop(plane);
    await Promise.all(this.#ending);
    this.#guard.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #onChange(gateway: ObjectKey, value: IrInfrastructure | undefined): void {
    const wanted = value && { ...value, dataPlane: value.dataPlane ?? this.#options.dataPlane };
    const running = this.#running.get(gateway);
    if (wanted !== undefined && running?.wanted.dataPlane === wanted.dataPlane) {
      running.wanted = wanted;
      running.plane.update();
      return;
    }
    this.#running.delete(gateway);
    // The new one needs the ports of the old one: only a process of the same kind takes them over.
    const gone = running === undefined ? Promise.resolve() : this.#stop(running.plane);
    if (wanted !== undefined) this.#start(wanted, gone);
  }

  #stop(plane: SupervisedDataPlane): Promise<void> {
    const gone = plane.stop().finally(() => this.#ending.delete(gone));
    this.#ending.add(gone);
    return gone;
  }

  #start(wanted: HostInfrastructure, after: Promise<void>): void {
    const { gateway, dataPlane } = wanted;
    const { command, hotRestart, onState, backOff, serveWithinMs } = this.#options;
    const running: Running = {
      wanted,
      plane: new SupervisedDataPlane({
        settings: () => settingsOf(running.wanted),
        command: (start) =>
          command(
            running.wanted,
            this.#writeBootstrap(running.wanted, start.lineage),
            restartFlags(running.wanted, start),
          ),
        newLineage: () => (hotRestart ? new Lineage(this.#thereFolder(), dataPlane) : undefined),
        endWithinMs: () => endWithinMs(running.wanted),
        serveWithinMs: serveWithinMs ?? SERVE_WITHIN_MS,
        leaveWithinMs: () => shutdownSeconds(running.wanted) * 1_000 + endWithinMs(running.wanted),
        guard: this.#guard,
        delay: new RestartDelay(backOff ?? BACK_OFF),
        onState: (failure) => {
          if (this.#running.get(gateway) === running) onState(gateway, failure);
        },
      }),
    };
    this.#running.set(gateway, running);
    void after.then(() => running.plane.start());
  }

  /** Before each start: folders of temporary files are cleaned up by others. */
  #writeBootstrap(wanted: HostInfrastructure, lineage: Lineage | undefined): string {
    const file = join(this.#thereFolder(), fileName(wanted.gateway));
    const bootstrap = gatewayBootstrap(wanted, this.#options.xds, lineage?.admin);
    writeFileSync(file, JSON.stringify(bootstrap));
    return file;
  }

  /** What is in it is for nobody but this user. */
  #thereFolder(): string {
    if (!existsSync(this.#folder)) {
      this.#folder = makeSocketFolder("nuncio-gateway-", LONGEST_SOCKET_NAME);
      this.#guard.guardFolder(this.#folder);
    }
    return this.#folder;
  }
}

/** The names of a Gateway and its namespace together may be longer than that of a file. */
function fileName(gateway: ObjectKey): string {
  const start = gateway.replaceAll("/", "_").slice(0, NAME_MAX);
  return `${start}-${hash("sha256", gateway).slice(0, 8)}.json`;
}

/** What a process is started with: it hears of everything else by xDS. */
function settingsOf(wanted: HostInfrastructure): object {
  const { concurrency, logLevel, adminPort, drainSeconds, labels, annotations } = wanted;
  return { concurrency, logLevel, adminPort, drainSeconds, labels, annotations };
}

function restartFlags(wanted: HostInfrastructure, { lineage, epoch }: Start): string[] {
  if (lineage === undefined) return ["--disable-hot-restart"];
  const seconds = String(shutdownSeconds(wanted));
  return [...lineage.flags(epoch), "--parent-shutdown-time-s", seconds];
}

/** How long a process that has handed over may take to part with its connections. */
function shutdownSeconds({ drainSeconds, terminationSeconds = 0 }: HostInfrastructure): number {
  const drain = drainSeconds ?? DRAIN_SECONDS;
  return terminationSeconds >= drain && terminationSeconds > 0
    ? terminationSeconds
    : drain + AFTER_DRAIN_SECONDS;
}

function endWithinMs({ terminationSeconds }: HostInfrastructure): number {
  return terminationSeconds === undefined ? END_WITHIN_MS : terminationSeconds * 1_000;
}
