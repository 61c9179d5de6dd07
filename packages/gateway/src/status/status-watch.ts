import type { Cells } from "../incremental/cells.ts";
import type { ObjectStatus } from "./object-status.ts";

/** Which statuses are others than before, told together. */
export class StatusWatch {
  #changed = new Map<string, ObjectStatus | undefined>();

  constructor(sources: readonly Cells<ObjectStatus>[]) {
    for (const source of sources) source.onChange((key, value) => this.#changed.set(key, value));
  }

  /** What has changed since the last call; undefined for statuses of objects that are gone. */
  take(): ReadonlyMap<string, ObjectStatus | undefined> {
    const changed = this.#changed;
    this.#changed = new Map();
    return changed;
  }
}
