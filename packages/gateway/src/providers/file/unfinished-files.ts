/**
 * Files that look as if they were still being written. They are taken as they are when nothing more was heard of them for a
 * while: there are files that end like that for good.
 */
export class UnfinishedFiles {
  readonly #afterMs: number;
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(afterMs: number) {
    this.#afterMs = afterMs;
  }

  /** Calls `take` unless the file is heard of before. */
  wait(name: string, take: () => void): void {
    this.heardOf(name);
    const timer = setTimeout(() => {
      this.#timers.delete(name);
      take();
    }, this.#afterMs);
    this.#timers.set(name, timer);
  }

  /** The file is another one now. */
  heardOf(name: string): void {
    clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
  }

  close(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }
}

const NEWLINE = 0x0a;

/**
 * Whether somebody may be about to write more: nothing is there yet, as with `command > file`, or the last line has no end.
 * What is cut in JSON is no JSON, and needs no such guess.
 */
export function looksUnfinished(name: string, content: Uint8Array): boolean {
  if (content.length === 0) return true;
  return !name.toLowerCase().endsWith(".json") && content.at(-1) !== NEWLINE;
}
