import type { HeadScanner } from "./head-scanner.ts";

/**
 * The bytes of a head or trailer section that did not come in one read, with the scanner that waits for the rest.
 * The only place where the codec copies input.
 */
export class PartialSection {
  readonly scanner: HeadScanner;
  bytes: Buffer;
  length: number;

  constructor(scanner: HeadScanner, buffer: Buffer, start: number, end: number) {
    this.scanner = scanner;
    this.length = end - start;
    // Not from Node's pool, which a small slice would keep alive.
    this.bytes = Buffer.allocUnsafeSlow(Math.max(MIN_BYTES, 2 * this.length));
    buffer.copy(this.bytes, 0, start, end);
  }

  append(buffer: Buffer, start: number, end: number): void {
    const length = this.length + end - start;
    if (length > this.bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(length, 2 * this.bytes.length));
      this.bytes.copy(grown, 0, 0, this.length);
      this.bytes = grown;
    }
    buffer.copy(this.bytes, this.length, start, end);
    this.length = length;
  }
}

const MIN_BYTES = 512;
