import { closeSync, fstatSync, openSync, readSync, writeSync } from "node:fs";

/**
 * Where a process writes its stdout and stderr. A file, and none of Node's pipes: those are sockets, and a process that
 * opens `/dev/stdout` by its name, as Envoy does for an access log, cannot open a socket.
 */
export class OutputFile {
  /** To be inherited; appends, as the one who opens the name does. */
  readonly fd: number;
  readonly #bytesMax: number;
  #last: string | null = null;

  /** `bytesMax` is how much of the end is shown. */
  constructor(path: string, bytesMax: number) {
    this.fd = openSync(path, "a+", 0o666);
    this.#bytesMax = bytesMax;
  }

  append(text: string): void {
    writeSync(this.fd, text);
  }

  /** The end, in Latin-1; also once it is closed. */
  tail(): string {
    if (this.#last !== null) return this.#last;
    const { size } = fstatSync(this.fd);
    const bytes = Buffer.alloc(Math.min(size, this.#bytesMax));
    const read = readSync(this.fd, bytes, 0, bytes.length, size - bytes.length);
    return bytes.toString("latin1", 0, read);
  }

  close(): void {
    this.#last = this.tail();
    closeSync(this.fd);
  }
}
