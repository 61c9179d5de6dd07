import type { ResourceMonitor } from "./monitor.ts";

/**
 * What the process holds of the machine's memory, against a limit: the resident set of all threads, with everything in it
 * that an out-of-memory killer would count.
 */
export class FixedHeapMonitor implements ResourceMonitor {
  readonly ofMemory = true;
  readonly #maxHeapSizeBytes: number;
  readonly #residentBytes: () => number;

  constructor(
    maxHeapSizeBytes: number,
    residentBytes: () => number = (): number => process.memoryUsage.rss(),
  ) {
    this.#maxHeapSizeBytes = maxHeapSizeBytes;
    this.#residentBytes = residentBytes;
  }

  pressure(): number {
    return this.#residentBytes() / this.#maxHeapSizeBytes;
  }
}
