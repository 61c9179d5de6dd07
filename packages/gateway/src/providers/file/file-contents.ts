import { closeSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";

/** Smaller files are read into memory of their own. */
const LARGE_BYTES = 256 * 1024;

interface Buffers {
  /** What the file was read into the last time. */
  readonly last: Buffer;
  /** And before that. */
  readonly spare: Buffer | undefined;
}

/**
 * Reads files again and again. Memory of megabytes that is dropped with each change would have the garbage collector look
 * through all that there is: a large file has two buffers, and is read into one and the other by turns.
 */
export class FileContents {
  readonly #buffers = new Map<string, Buffers>();

  /**
   * The bytes of a file stay as they are when it is read once more, and not when it is twice.
   *
   * @throws what reading throws
   */
  read(path: string): Buffer {
    const file = openSync(path, "r");
    try {
      const { size } = fstatSync(file);
      if (size >= LARGE_BYTES) return this.#readLarge(path, file, size);
      this.forget(path);
      return readFileSync(file);
    } finally {
      closeSync(file);
    }
  }

  /** What was read last is not kept: when the file is read again, what was read before it stays as it is. */
  passOver(path: string): void {
    const { last, spare } = this.#buffers.get(path) ?? {};
    if (last !== undefined && spare !== undefined)
      this.#buffers.set(path, { last: spare, spare: last });
  }

  /** The file is gone. */
  forget(path: string): void {
    this.#buffers.delete(path);
  }

  #readLarge(path: string, file: number, size: number): Buffer {
    const before = this.#buffers.get(path);
    const spare = before?.spare;
    // Room for what is added to it, so that growing files do not need another one each time.
    const buffer =
      spare === undefined || spare.length < size
        ? Buffer.allocUnsafeSlow(size + Math.ceil(size / 8))
        : spare;
    let length = 0;
    for (let bytes = -1; bytes !== 0 && length < buffer.length; length += bytes)
      bytes = readSync(file, buffer, length, buffer.length - length, null);
    // Only now: who is not given what was read has what was there before.
    this.#buffers.set(path, { last: buffer, spare: before?.last });
    return buffer.subarray(0, length);
  }
}
