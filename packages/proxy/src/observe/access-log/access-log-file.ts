import { closeSync, openSync, writeSync } from "node:fs";
import { Timer } from "../../base/timer-wheel.ts";
import type { WorkerContext } from "../../base/worker-context.ts";
import type { ScopeSlots } from "../stats/definition.ts";
import { FILESYSTEM_STATS } from "../stats/tables/filesystem.ts";
import type { AccessLogTarget } from "./model.ts";

/** When lines go to the file. */
export interface AccessLogFlushOptions {
  /** A write happens as soon as this much is buffered. Envoy: 64 KiB. */
  readonly flushBytes: number;
  /** A line waits no longer than this (`--file-flush-interval-msec`). Envoy: 10 s. */
  readonly flushIntervalMs: number;
}

export const DEFAULT_FLUSH_OPTIONS: AccessLogFlushOptions = {
  flushBytes: 64 * 1024,
  flushIntervalMs: 10_000,
};

const AT = FILESYSTEM_STATS.at;

/**
 * A log file as one worker writes it. A line is copied into the buffer at once, so no string of a request is kept.
 * Workers append to the same file (O_APPEND), whole lines at a time.
 *
 * A file that takes nothing (disk full, a full pipe) costs lines, never the request: what does not fit is dropped and
 * counted in `filesystem.write_failed`.
 */
export class AccessLogFile {
  readonly #target: AccessLogTarget;
  readonly #options: AccessLogFlushOptions;
  readonly #worker: WorkerContext;
  readonly #base: number;
  readonly #timer: Timer;
  readonly #buffer: Buffer;
  #used = 0;
  #descriptor: number;

  constructor(
    target: AccessLogTarget,
    options: AccessLogFlushOptions,
    worker: WorkerContext,
    scope: ScopeSlots,
  ) {
    this.#target = target;
    this.#options = options;
    this.#worker = worker;
    this.#base = scope.base;
    // Twice the threshold: an ordinary line that crosses it still fits.
    this.#buffer = Buffer.allocUnsafeSlow(2 * options.flushBytes);
    this.#timer = new Timer({ onTimer: () => this.#onTimer() });
    this.#descriptor = this.#open();
  }

  /** Appends a byte string (char codes below 256). */
  write(line: string): void {
    if (line.length > this.#buffer.length - this.#used && !this.#makeRoom(line.length)) {
      this.#count(AT.write_failed, 1);
      return;
    }
    this.#used += this.#buffer.write(line, this.#used, "latin1");
    this.#count(AT.write_buffered, 1);
    this.#count(AT.write_total_buffered, line.length);
    if (this.#used >= this.#options.flushBytes) this.flush();
    else if (!this.#timer.armed)
      this.#worker.timers.arm(this.#timer, this.#options.flushIntervalMs);
  }

  /** Writes what is buffered. What a full pipe does not take stays for the next time. */
  flush(): void {
    let from = 0;
    try {
      if (this.#descriptor < 0) this.#descriptor = this.#open();
      while (from < this.#used) {
        from += writeSync(this.#descriptor, this.#buffer, from, this.#used - from);
        this.#count(AT.write_completed, 1);
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") {
        this.#count(AT.write_failed, 1);
        from = this.#used;
      }
    }
    if (from === 0) return;
    this.#buffer.copyWithin(0, from, this.#used);
    this.#used -= from;
    this.#count(AT.write_total_buffered, -from);
  }

  /** Opens the path anew, after the file was moved away (log rotation). Standard streams stay as they are. */
  reopen(): void {
    if (this.#target.kind !== "file") return;
    this.flush();
    const descriptor = this.#open();
    if (descriptor < 0) return;
    if (this.#descriptor >= 0) closeSync(this.#descriptor);
    this.#descriptor = descriptor;
  }

  /** Writes what is buffered and closes the file. */
  close(): void {
    this.flush();
    this.#worker.timers.cancel(this.#timer);
    if (this.#target.kind === "file" && this.#descriptor >= 0) closeSync(this.#descriptor);
    this.#descriptor = -1;
  }

  #open(): number {
    if (this.#target.kind === "stdout") return 1;
    if (this.#target.kind === "stderr") return 2;
    try {
      return openSync(this.#target.path, "a", 0o644);
    } catch {
      this.#count(AT.reopen_failed, 1);
      return -1;
    }
  }

  #makeRoom(bytes: number): boolean {
    this.flush();
    return bytes <= this.#buffer.length - this.#used;
  }

  #onTimer(): void {
    this.#count(AT.flushed_by_timer, 1);
    this.flush();
    if (this.#used > 0) this.#worker.timers.arm(this.#timer, this.#options.flushIntervalMs);
  }

  #count(stat: number, by: number): void {
    this.#worker.stats.slots[this.#base + stat]! += by;
  }
}
