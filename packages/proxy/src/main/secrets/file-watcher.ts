import { lstatSync, readlinkSync, watch, type FSWatcher } from "node:fs";
import { basename, dirname, join, resolve, sep } from "node:path";
import { log } from "../../observe/log/log.ts";

/** Several events come of one change. */
const QUIET_MS = 20;
const LINKS_MAX = 40;

/**
 * Tells when files may have changed: written in place, replaced by a rename, or reached through a link that was replaced,
 * as Kubernetes does with the volumes of secrets. Folders are watched, not files, so that a file that is away for a
 * moment is not lost; what else stands in them is no news.
 */
export class FileWatcher {
  readonly #onChange: () => void;
  readonly #watchers = new Map<string, FSWatcher>();
  #paths: readonly string[] = [];
  /** What counts in each folder: a file, or a link or folder on the way to one. */
  #names: ReadonlyMap<string, ReadonlySet<string>> = new Map();
  #timer: NodeJS.Timeout | null = null;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** From now on these absolute paths and no others. */
  watch(paths: Iterable<string>): void {
    this.#paths = [...paths];
    const names = new Map<string, Set<string>>();
    for (const path of this.#paths) addNames(path, names, 0);
    this.#names = names;
    for (const [folder, watcher] of this.#watchers) {
      if (names.has(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    for (const folder of names.keys()) if (!this.#watchers.has(folder)) this.#open(folder);
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#paths = [];
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #open(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, (_type, name) => {
        // A folder that is gone tells its own name.
        if (name === null || name === basename(folder) || this.#names.get(folder)?.has(name))
          this.#onEvent();
      });
      watcher.on("error", () => this.#forget(folder));
      this.#watchers.set(folder, watcher);
    } catch (error) {
      // One that is not there any more will be told by the folder above.
      if ((error as NodeJS.ErrnoException).code !== "ENOENT")
        log.logger("secret").warning(`cannot follow changes in ${folder}: ${String(error)}`);
    }
  }

  #forget(folder: string): void {
    this.#watchers.get(folder)?.close();
    this.#watchers.delete(folder);
    this.#onEvent();
  }

  #onEvent(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      // Links may lead elsewhere by now.
      this.watch(this.#paths);
      this.#onChange();
    }, QUIET_MS);
  }
}

/** Adds all links on the way, and the file in the end, to the names that count in their folders. */
function addNames(path: string, names: Map<string, Set<string>>, links: number): void {
  const add = (at: string): void => {
    const folder = dirname(at);
    const known = names.get(folder);
    if (known === undefined) names.set(folder, new Set([basename(at)]));
    else known.add(basename(at));
  };
  const parts = resolve(path).split(sep).slice(1);
  let at: string = sep;
  for (const [index, part] of parts.entries()) {
    const next = join(at, part);
    const link = links < LINKS_MAX ? linkAt(next) : null;
    if (link === undefined) {
      add(next);
      return;
    }
    if (link !== null) {
      add(next);
      addNames(join(resolve(at, link), ...parts.slice(index + 1)), names, links + 1);
      return;
    }
    at = next;
  }
  add(at);
}

/** Where a link leads; null for what is none, undefined for what is not there. */
function linkAt(path: string): string | null | undefined {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : null;
  } catch {
    return undefined;
  }
}
