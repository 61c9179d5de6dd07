import { lstatSync, readlinkSync, watch, type FSWatcher } from "node:fs";
import { dirname, join, resolve, sep } from "node:path";

/** Several events come of one change. */
const QUIET_MS = 20;
const LINKS_MAX = 40;

/**
 * Tells when files may have changed: written in place, replaced by a rename, or reached through a link that was replaced,
 * as Kubernetes does with the volumes of secrets. Folders are watched, not files, so that a file that is away for a
 * moment is not lost.
 */
export class FileWatcher {
  readonly #onChange: () => void;
  readonly #watchers = new Map<string, FSWatcher>();
  #paths: readonly string[] = [];
  #timer: NodeJS.Timeout | null = null;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** From now on these absolute paths and no others. */
  watch(paths: Iterable<string>): void {
    this.#paths = [...paths];
    const folders = new Set<string>();
    for (const path of this.#paths) addFolders(path, folders, 0);
    for (const [folder, watcher] of this.#watchers) {
      if (folders.has(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    for (const folder of folders) if (!this.#watchers.has(folder)) this.#open(folder);
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#paths = [];
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #open(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, () => this.#onEvent());
      watcher.on("error", () => this.#forget(folder));
      this.#watchers.set(folder, watcher);
    } catch {
      // A folder that is not there yet: the one above is watched too.
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

/** The folders of all links on the way, and of the file in the end. */
function addFolders(path: string, folders: Set<string>, links: number): void {
  const parts = resolve(path).split(sep).slice(1);
  let at: string = sep;
  for (const [index, part] of parts.entries()) {
    const next = join(at, part);
    const link = links < LINKS_MAX ? linkAt(next) : null;
    if (link === undefined) {
      folders.add(at);
      return;
    }
    if (link !== null) {
      folders.add(at);
      addFolders(join(resolve(at, link), ...parts.slice(index + 1)), folders, links + 1);
      return;
    }
    at = next;
  }
  folders.add(dirname(at));
}

/** Where a link leads; null for what is none, undefined for what is not there. */
function linkAt(path: string): string | null | undefined {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : null;
  } catch {
    return undefined;
  }
}
