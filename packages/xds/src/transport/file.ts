import { watch } from "node:fs";
import type { FSWatcher } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import type { FileEvents, FileTransport } from "../client/file-subscription.ts";

/**
 * Follows a file as Envoy does: it is read again when something is moved into its place, or, with a watched folder, when
 * anything is moved within that (as Kubernetes does with the link `..data`). What is written into the file in place is
 * not noticed: half of it could be read.
 */
export class FileFollower implements FileTransport {
  readonly #path: string;
  readonly #watchedDirectory: string | null;

  constructor(path: string, watchedDirectory: string | null) {
    this.#path = resolve(path);
    this.#watchedDirectory = watchedDirectory;
  }

  follow(events: FileEvents): { close(): void } {
    return new Following(this.#path, this.#watchedDirectory, events);
  }
}

class Following {
  readonly #path: string;
  readonly #events: FileEvents;
  #watcher: FSWatcher | null = null;
  #isClosed = false;
  #isReading = false;
  #isChanged = false;

  constructor(path: string, watchedDirectory: string | null, events: FileEvents) {
    this.#path = path;
    this.#events = events;
    const name = watchedDirectory === null ? basename(path) : null;
    this.#watch(watchedDirectory ?? dirname(path), name);
    void this.#read();
  }

  close(): void {
    this.#isClosed = true;
    this.#watcher?.close();
  }

  /** @param name what counts in the folder; null: everything */
  #watch(folder: string, name: string | null): void {
    try {
      this.#watcher = watch(folder, { persistent: false }, (type, changed) => {
        // "change" is writing in place.
        if (type === "rename" && (name === null || changed === null || changed === name))
          void this.#read();
      });
      this.#watcher.on("error", (error) => this.#failed(error));
    } catch (error) {
      queueMicrotask(() => this.#failed(error));
    }
  }

  /** One read at a time; what changes meanwhile is read afterwards. */
  async #read(): Promise<void> {
    this.#isChanged = true;
    if (this.#isReading) return;
    this.#isReading = true;
    while (this.#isChanged && !this.#isClosed) {
      this.#isChanged = false;
      try {
        const content = await readFile(this.#path);
        if (!this.#isClosed && !this.#isChanged) this.#events.onContent(content);
      } catch (error) {
        if (!this.#isChanged) this.#failed(error);
      }
    }
    this.#isReading = false;
  }

  #failed(error: unknown): void {
    if (!this.#isClosed)
      this.#events.onError(error instanceof Error ? error.message : String(error));
  }
}
