import { numberOf, type SystemFiles } from "./files.ts";
import type { ResourceMonitor } from "./monitor.ts";

/** For tests: the pressure is the number in a file. */
export class InjectedResourceMonitor implements ResourceMonitor {
  readonly ofMemory = false;
  readonly #path: string;
  readonly #files: SystemFiles;

  constructor(path: string, files: SystemFiles) {
    this.#path = path;
    this.#files = files;
  }

  pressure(): number {
    const value = numberOf(this.#files.read(this.#path), this.#path);
    if (value < 0 || value > 1)
      throw new Error(`expected a pressure from 0 to 1 in ${this.#path}, got ${value}`);
    return value;
  }
}
