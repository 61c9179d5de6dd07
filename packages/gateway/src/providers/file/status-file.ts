import { readFileSync, renameSync, writeFileSync } from "node:fs";
import type { ObjectStatus } from "../../status/object-status.ts";
import { StatusList, readStatusList } from "../../status/status-list.ts";
import type { WrittenStatus } from "../../status/written-status.ts";

export interface StatusFileOptions {
  readonly path: string;
  /** What changes within this time is written together; 500 unless given. */
  readonly delayMs?: number;
  /** Now, as milliseconds since 1970. */
  readonly now?: () => number;
  readonly onError: (message: string) => void;
}

const DELAY_MS = 500;

/** The statuses of all objects in one file, which is exchanged as a whole. Conditions keep their times over a restart. */
export class StatusFile {
  /** What the file has, or is about to have. */
  readonly statuses: StatusList;
  readonly #options: StatusFileOptions;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: StatusFileOptions) {
    this.#options = options;
    this.statuses = new StatusList({ before: readBefore(options.path), now: options.now });
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
function readBefore(path: string): ReadonlyMap<string, WrittenStatus> {
  try {
    return readStatusList(readFileSync(path, "utf8"));
  } catch {
    return new Map();
  }
}
