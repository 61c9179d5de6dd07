import { dirname } from "node:path";
import type { FollowedFolders } from "./followed-folders.ts";
import { stepsTo } from "./steps-to.ts";

/** Paths that are followed to wherever links lead: what may change is the entries on the way (`stepsTo`). */
export class FollowedLinks {
  readonly #folders: FollowedFolders;
  readonly #steps = new Map<string, readonly string[]>();
  /** Which paths go through an entry, by its folder and then its path. */
  readonly #through = new Map<string, Map<string, Set<string>>>();

  /** @param folders the folders of all entries on the way are held there */
  constructor(folders: FollowedFolders) {
    this.#folders = folders;
  }

  /** Follows a path; again, when the entries on its way may be others. */
  follow(path: string): void {
    const steps = stepsTo(path);
    // Held first: a folder of before stays watched, and nothing is missed.
    for (const step of steps) this.#folders.hold(dirname(step));
    this.leave(path);
    this.#steps.set(path, steps);
    for (const step of steps) this.#add(step, path);
  }

  leave(path: string): void {
    for (const step of this.#steps.get(path) ?? []) {
      this.#folders.release(dirname(step));
      this.#remove(step, path);
    }
    this.#steps.delete(path);
  }

  /** The paths that this entry is on the way of. */
  pathsThrough(step: string): Iterable<string> {
    return this.#through.get(dirname(step))?.get(step) ?? [];
  }

  /** The paths that any entry of a folder is on the way of. */
  pathsIn(folder: string): string[] {
    const steps = this.#through.get(folder)?.values() ?? [];
    return Array.from(steps, (paths) => [...paths]).flat();
  }

  #add(step: string, path: string): void {
    const folder = dirname(step);
    const steps = this.#through.get(folder) ?? new Map<string, Set<string>>();
    const paths = steps.get(step) ?? new Set();
    this.#through.set(folder, steps.set(step, paths.add(path)));
  }

  #remove(step: string, path: string): void {
    const steps = this.#through.get(dirname(step));
    const paths = steps?.get(step);
    if (steps === undefined || paths?.delete(path) !== true) return;
    if (paths.size === 0) steps.delete(step);
    if (steps.size === 0) this.#through.delete(dirname(step));
  }
}
