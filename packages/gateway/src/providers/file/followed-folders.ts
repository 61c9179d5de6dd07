import { watch, type FSWatcher } from "node:fs";

export interface FollowedFoldersOptions {
  /** Something of this name in the folder is another one now; null: anything, or the folder itself. */
  readonly onChange: (folder: string, name: string | null) => void;
  /** A folder that cannot be followed. */
  readonly onError: (folder: string, message: string) => void;
}

interface Followed {
  watcher: FSWatcher | undefined;
  /** How many want to hear of it. */
  holders: number;
}

/** Folders whose entries are followed, without what is below those. One watch for each, whatever is in it. */
export class FollowedFolders {
  readonly #options: FollowedFoldersOptions;
  readonly #folders = new Map<string, Followed>();

  constructor(options: FollowedFoldersOptions) {
    this.#options = options;
  }

  /** Follows a folder until it is released as often as it was held. */
  hold(folder: string): void {
    const followed = this.#folders.get(folder);
    if (followed === undefined)
      this.#folders.set(folder, { watcher: this.#watch(folder), holders: 1 });
    else followed.holders += 1;
  }

  release(folder: string): void {
    const followed = this.#folders.get(folder);
    if (followed === undefined) return;
    followed.holders -= 1;
    if (followed.holders > 0) return;
    followed.watcher?.close();
    this.#folders.delete(folder);
  }

  /** Another folder may be in its place: a watch stays with the one that it was made for. */
  renew(folder: string): void {
    const followed = this.#folders.get(folder);
    if (followed === undefined) return;
    followed.watcher?.close();
    followed.watcher = this.#watch(folder);
  }

  close(): void {
    for (const { watcher } of this.#folders.values()) watcher?.close();
    this.#folders.clear();
  }

  #watch(folder: string): FSWatcher | undefined {
    const { onChange, onError } = this.#options;
    try {
      const watcher = watch(folder, (_, name) => onChange(folder, name));
      return watcher.on("error", (error) => onError(folder, error.message));
    } catch (error) {
      onError(folder, (error as Error).message);
      return undefined;
    }
  }
}
