import { readdirSync, type Dirent, type Stats } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { entryAt, targetAt } from "./entry-at.ts";
import { FileContents } from "./file-contents.ts";
import { FollowedFolders } from "./followed-folders.ts";
import { FollowedLinks } from "./followed-links.ts";

/** What became of files: their content, which stays as it is until the file comes twice more, or undefined for one that is gone. */
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

/** What is known of an entry of a folder without following links. */
type Entry = Pick<Stats, "isDirectory" | "isFile" | "isSymbolicLink">;

/** What is read of a path: a file, what is in a folder, or nothing. */
type Kind = "file" | "folder" | "other";

const NAME = /^[^.].*\.(ya?ml|json)$/i;
const DEBOUNCE_MS = 20;

/**
 * Files that are read again when they change, and when links to them lead elsewhere. Of a folder these are the ones called
 * `.yaml`, `.yml` and `.json`; names that begin with a dot are those of editors and of ConfigMaps being exchanged, and links
 * to folders could lead round in circles. A change costs the files that it concerns.
 */
export class WatchedFiles {
  readonly #options: WatchedFilesOptions;
  readonly #roots: ReadonlySet<string>;
  readonly #watches: FollowedFolders;
  /** The roots, and the links among the files. */
  readonly #links: FollowedLinks;
  readonly #contents = new FileContents();
  /** Files that were there. */
  readonly #files = new Set<string>();
  /** Folders that were there, and the names of files and folders in them. */
  readonly #folders = new Map<string, Set<string>>();
  readonly #due = new Set<string>();
  #changes = new Map<string, Uint8Array | undefined>();
  #timer: NodeJS.Timeout | undefined;

  /**
   * Reads all, and calls `onChange` once before it returns.
   *
   * @throws when a path is not there
   */
  constructor(options: WatchedFilesOptions) {
    this.#options = options;
    for (const path of options.paths) {
      if (targetAt(path) === undefined)
        throw new Error(`${path}: expected a file or a folder, found nothing`);
    }
    this.#roots = new Set(options.paths.map((path) => resolve(path)));
    this.#watches = new FollowedFolders({
      onChange: (folder, name) => this.#changed(folder, name),
      onError: options.onError,
    });
    this.#links = new FollowedLinks(this.#watches);
    for (const root of this.#roots) this.#due.add(root);
    this.#read();
  }

  /** What a file came with last is not kept: what it had before stays as it is when the file comes again. */
  passOver(path: string): void {
    this.#contents.passOver(path);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#watches.close();
  }

  #changed(folder: string, name: string | null): void {
    const isItself = name === null || name === basename(folder);
    if (isItself) this.#plan(this.#links.pathsIn(folder));
    if (isItself && this.#folders.has(folder)) this.#plan([folder]);
    if (name === null) return;
    const path = join(folder, name);
    this.#plan(this.#links.pathsThrough(path));
    if (this.#folders.has(folder) && !name.startsWith(".")) this.#plan([path]);
  }

  #plan(paths: Iterable<string>): void {
    for (const path of paths) this.#due.add(path);
    if (this.#due.size > 0)
      this.#timer ??= setTimeout(() => this.#read(), this.#options.debounceMs ?? DEBOUNCE_MS);
  }

  #read(): void {
    this.#timer = undefined;
    for (const path of this.#due) this.#look(path);
    this.#due.clear();
    const changes = this.#changes;
    if (changes.size === 0) return;
    this.#changes = new Map();
    this.#options.onChange(changes);
  }

  #look(path: string, entry: Entry | undefined = entryAt(path)): void {
    const isFollowed = this.#isFollowed(path, entry);
    if (isFollowed) this.#links.follow(path);
    else this.#links.leave(path);
    const kind = this.#kindOf(path, isFollowed ? targetAt(path) : entry, isFollowed);
    const siblings = this.#folders.get(dirname(path));
    if (isFollowed || kind !== "other") siblings?.add(basename(path));
    else siblings?.delete(basename(path));
    if (kind === "folder") this.#enter(path);
    else this.#leave(path);
    if (kind === "file") this.#take(path);
    else this.#forget(path);
  }

  #isFollowed(path: string, entry: Entry | undefined): boolean {
    return this.#roots.has(path) || (entry?.isSymbolicLink() === true && hasFileName(path));
  }

  #kindOf(path: string, target: Entry | undefined, isFollowed: boolean): Kind {
    const isRoot = this.#roots.has(path);
    if (target?.isDirectory() === true) return isRoot || !isFollowed ? "folder" : "other";
    return target?.isFile() === true && (isRoot || hasFileName(path)) ? "file" : "other";
  }

  /** Follows a folder, and looks at all that is in it now. Followed first: what comes meanwhile is not missed. */
  #enter(folder: string): void {
    const known = this.#folders.get(folder);
    if (known === undefined) this.#watches.hold(folder);
    else this.#watches.renew(folder);
    const names = known ?? new Set();
    this.#folders.set(folder, names);
    const entries = this.#entriesOf(folder);
    if (entries === undefined) return;
    const now = new Set(entries.map(({ name }) => name));
    for (const name of names) if (!now.has(name)) this.#look(join(folder, name));
    for (const entry of entries)
      if (!entry.name.startsWith(".")) this.#look(join(folder, entry.name), entry);
  }

  /** A folder that is gone took along what was in it. */
  #leave(folder: string): void {
    const names = this.#folders.get(folder);
    if (names === undefined) return;
    this.#folders.delete(folder);
    this.#watches.release(folder);
    for (const name of names) this.#look(join(folder, name));
  }

  /** Undefined for a folder that cannot be read: what was in it stays. */
  #entriesOf(folder: string): Dirent[] | undefined {
    try {
      return readdirSync(folder, { withFileTypes: true });
    } catch (error) {
      this.#failed(folder, error as NodeJS.ErrnoException);
      return undefined;
    }
  }

  #take(path: string): void {
    // Read twice at once, by itself and with its folder, it would be where what it had before is kept.
    if (this.#changes.get(path) !== undefined) return;
    try {
      this.#changes.set(path, this.#contents.read(path));
      this.#files.add(path);
    } catch (error) {
      this.#failed(path, error as NodeJS.ErrnoException);
    }
  }

  #forget(path: string): void {
    if (!this.#files.delete(path)) return;
    this.#contents.forget(path);
    this.#changes.set(path, undefined);
  }

  /** What went away since it was looked at is looked at once more. */
  #failed(path: string, { code, message }: NodeJS.ErrnoException): void {
    if (code !== "ENOENT") this.#options.onError(path, message);
  }
}

function hasFileName(path: string): boolean {
  return NAME.test(basename(path));
}
