import { readFileSync } from "node:fs";

/** Files of the system, by their path from the root; a test has a root of its own. */
export class SystemFiles {
  readonly #root: string;

  constructor(root = "") {
    this.#root = root;
  }

  /** The text without white space around it; null when there is no such file. */
  tryRead(path: string): string | null {
    try {
      return readFileSync(this.#root + path, "utf8").trim();
    } catch {
      return null;
    }
  }

  /** @throws Error when the file cannot be read */
  read(path: string): string {
    return readFileSync(this.#root + path, "utf8").trim();
  }

  /**
   * The number that a file is.
   * @throws Error when it is none
   */
  readNumber(path: string): number {
    return numberOf(this.read(path), path);
  }
}

/**
 * The number that a text in the file `path` is, as a decimal fraction.
 * @throws Error when it is none
 */
export function numberOf(text: string, path: string): number {
  const value = text.trim() === "" ? NaN : Number(text);
  if (!Number.isFinite(value)) throw new Error(`expected a number in ${path}, got '${text}'`);
  return value;
}
