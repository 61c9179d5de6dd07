import { readFileSync, renameSync, writeFileSync } from "node:fs";
import type { ObjectStatus } from "../../status/object-status.ts";
import { StatusList, readStatusList, type StatusesBefore } from "../../status/status-list.ts";
import type { KnownArrivals } from "../arrivals.ts";

export interface StatusFileOptions {
  readonly path: string;
  /** What changes within this time is written together; 500 unless given. */
  readonly delayMs?: number;
  /** Now, as milliseconds since 1970. */
  readonly now?: () => number;
  /** When an object came that does not say so itself: `ObjectMeta.arrival`. */
  readonly arrivalOf?: (kind: string, key: string) => string | undefined;
  readonly onError: (message: string) => void;
}

const DELAY_MS = 500;

/** The statuses of all objects in one file, which is exchanged as a whole. Conditions keep their times over a restart, and objects their age. */
export class StatusFile {
  /** What the file has, or is about to have. */
  readonly statuses: StatusList;
  /** What it says from before this start of when objects came; undefined: there was no such file. */
  readonly arrivals: KnownArrivals | undefined;
  readonly #options: StatusFileOptions;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: StatusFileOptions) {
    this.#options = options;
    const { path, now, arrivalOf } = options;
    const before = readBefore(path);
    this.statuses = new StatusList({ ...(before && { before }), now, arrivalOf });
    this.arrivals = before && new Map(Array.from(before, ([id, { arrival }]) => [id, arrival]));
  }

  /** By `<kind>/<key>`; undefined for objects that are gone. */
  update(changed: ReadonlyMap<string, ObjectStatus | undefined>): void {
    this.statuses.update(changed);
    this.#timer ??= setTimeout(() => this.#write(), this.#options.delayMs ?? DELAY_MS);
  }

  /** Writes what waits. */
  close(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#write();
  }

  #write(): void {
    this.#timer = undefined;
    const { path, onError } = this.#options;
    try {
      writeFileSync(`${path}.new`, this.statuses.toText());
      renameSync(`${path}.new`, path);
    } catch (error) {
      onError(`${path}: ${(error as Error).message}`);
    }
  }
}

/** Nothing where there is no such file, or another one of this name: its times are lost, and no more. */
function readBefore(path: string): StatusesBefore | undefined {
  try {
    return readStatusList(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}
