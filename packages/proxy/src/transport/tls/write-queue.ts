import type { WriteRequest } from "../native.ts";

/** Writes that wait until OpenSSL is done with the one before: they leave together. */
export class WriteQueue {
  bytes = 0;
  /** As `writev` takes them: chunk, encoding … */
  readonly chunks: unknown[] = [];
  readonly requests: WriteRequest[] = [];

  add(request: WriteRequest, bytes: number, chunks: readonly unknown[]): void {
    this.bytes += bytes;
    this.requests.push(request);
    this.chunks.push(...chunks);
  }
}
