import { closeSync, openSync, writeSync } from "node:fs";

/** Where log lines go. */
export interface LogSink {
  /** Writes whole lines at once, so that threads do not mix within a line. */
  write(text: string): void;
  /** Opens the file anew, after a log rotation. */
  reopen(): void;
}

const STDERR = 2;
/** How often a full pipe is tried again before the line is given up. */
const RETRIES_MAX = 100;

/** Writes to a file, or to stderr with an empty path. Each thread has its own; the file is opened for appending. */
export class FileLogSink implements LogSink {
  readonly #path: string;
  #fd: number;

  /** @throws the system's error when the file cannot be opened. */
  constructor(path: string) {
    this.#path = path;
    this.#fd = path === "" ? STDERR : openSync(path, "a");
  }

  write(text: string): void {
    const bytes = Buffer.from(text);
    let at = 0;
    for (let retries = 0; at < bytes.length && retries < RETRIES_MAX;) {
      try {
        at += writeSync(this.#fd, bytes, at);
      } catch (error) {
        // A log that cannot be written must not stop the proxy: a closed stderr or a full disk loses lines.
        if ((error as NodeJS.ErrnoException).code !== "EAGAIN") return;
        retries++;
      }
    }
  }

  /** Keeps the old file when the new one cannot be opened. */
  reopen(): void {
    if (this.#path === "") return;
    try {
      const fd = openSync(this.#path, "a");
      closeSync(this.#fd);
      this.#fd = fd;
    } catch {
      // Still writing to the old file is better than not at all.
    }
  }
}
