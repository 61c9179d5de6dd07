import { lstatSync, readFileSync, readdirSync, statSync, watch, type FSWatcher } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";

/** What became of files: their content, or undefined for one that is gone. */
export type FileChanges = ReadonlyMap<string, Uint8Array | undefined>;

/** Which files are read, and when. */
export interface WatchedFilesOptions {
  /** Files, and folders with all below them. Each has to be there at the start. */
  readonly paths: readonly string[];
  readonly onChange: (changes: FileChanges) => void;
  /** A file that cannot be read, a folder that cannot be watched. */
  readonly onError: (path: string, message: string) => void;
  /** What changes within this time is read together; 20 unless given. */
  readonly debounceMs?: number;
}

const NAME = /^[^.].*\.(ya?ml|json)$/i;
const DEBOUNCE_MS = 20;

/**
 * Files that are read again when they change. Of a folder these are the ones called `.yaml`, `.yml` and `.json`; names that
 * begin with a dot are those of editors and of ConfigMaps being exchanged. A change costs the files that it concerns.
 */
export class WatchedFiles {
  readonly #options: WatchedFilesOptions;
  readonly #roots: readonly string[];
  readonly #watchers = new Map<string, FSWatcher>();
  /** Files that were there. */
  readonly #known = new Set<string>();
  readonly #due = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  /**
   * Reads all, and calls `onChange` once before it returns.
   *
   * @throws when a path is not there
   */
  constructor(options: WatchedFilesOptions) {
    this.#options = options;
    this.#roots = options.paths.map((path) => resolve(path));
    for (const [index, root] of this.#roots.entries()) {
      if (statSync(root, { throwIfNoEntry: false }) === undefined)
        throw new Error(`${options.paths[index]}: expected a file or a folder, found nothing`);
    }
    for (const root of this.#roots) {
      // Editors put another file in the place of one, and folders are made again: seen from above.
      this.#watch(dirname(root), false);
      this.#due.add(root);
    }
    this.#read();
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #watch(folder: string, recursive: boolean): void {
    const key = `${recursive ? "below " : "in "}${folder}`;
    this.#watchers.get(key)?.close();
    try {
      const watcher = watch(folder, { recursive }, (_, name) => {
        if (name === null) for (const root of this.#roots) this.#changed(root);
        else this.#changed(join(folder, name));
      });
      watcher.on("error", (error) => this.#options.onError(folder, error.message));
      this.#watchers.set(key, watcher);
    } catch (error) {
      this.#options.onError(folder, (error as Error).message);
    }
  }

  #changed(path: string): void {
    if (!this.#roots.some((root) => path === root || path.startsWith(`${root}/`))) return;
    this.#due.add(path);
    this.#timer ??= setTimeout(() => this.#read(), this.#options.debounceMs ?? DEBOUNCE_MS);
  }

  #read(): void {
    this.#timer = undefined;
    const changes = new Map<string, Uint8Array | undefined>();
    for (const path of this.#due) this.#look(path, changes);
    this.#due.clear();
    if (changes.size > 0) this.#options.onChange(changes);
  }

  #look(path: string, changes: Map<string, Uint8Array | undefined>): void {
    const isRoot = this.#roots.includes(path);
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats?.isDirectory() !== true) {
      this.#forgetBelow(path, changes);
      if (stats?.isFile() === true && (isRoot || NAME.test(basename(path))))
        this.#take(path, changes);
      else if (this.#known.delete(path)) changes.set(path, undefined);
      return;
    }
    if (isRoot) this.#watch(path, true);
    const names = new Set(readdirSync(path));
    for (const file of this.#known) {
      if (file.startsWith(`${path}/`) && !names.has(file.slice(path.length + 1).split("/", 1)[0]!))
        this.#look(file, changes);
    }
    for (const name of names) if (mayBeLookedAt(path, name)) this.#look(join(path, name), changes);
  }

  #take(path: string, changes: Map<string, Uint8Array | undefined>): void {
    try {
      changes.set(path, readFileSync(path));
      this.#known.add(path);
    } catch (error) {
      this.#options.onError(path, (error as Error).message);
    }
  }

  /** A folder that is gone took its files along. */
  #forgetBelow(folder: string, changes: Map<string, Uint8Array | undefined>): void {
    for (const file of this.#known) {
      if (!file.startsWith(`${folder}/`)) continue;
      this.#known.delete(file);
      changes.set(file, undefined);
    }
  }
}

/** Links to folders could lead round in circles. */
function mayBeLookedAt(folder: string, name: string): boolean {
  if (name.startsWith(".")) return false;
  if (NAME.test(name)) return true;
  return lstatSync(join(folder, name), { throwIfNoEntry: false })?.isDirectory() === true;
}
