import type { FieldClassifier } from "./classifier.ts";
import { type HpackError } from "./errors.ts";

/** Who is told of the fields of a header block. */
export interface HpackSink {
  /**
   * A field in the order of the block; name and value are Latin-1 text as it came. `facts` is the classifier's answer.
   * False: this block's further fields are not told. They are decoded all the same, for the table must stay in step.
   */
  onField(name: string, value: string, facts: number): boolean;
}

/** RFC 9113 6.5.2: the table of each direction, as long as no setting says another size. */
export const DEFAULT_TABLE_SIZE_BYTES = 4096;

/**
 * The reading side of HPACK (RFC 7541). One per connection; every header block of it must pass through, in order and
 * whole.
 */
export class HpackDecoder {
  constructor(classifier: FieldClassifier, maxStringBytes = 65_536) {
    void classifier;
    void maxStringBytes;
  }

  /**
   * Our SETTINGS_HEADER_TABLE_SIZE, from the moment that the peer acknowledged it; 4096 before. When it is below what the
   * peer uses, the next block must say so first (RFC 7541 4.2).
   */
  setMaxTableSize(bytes: number): void {
    void bytes;
  }

  /** Decodes the block in `buffer` from `start` to `end`. After an error the connection cannot go on. */
  decode(buffer: Buffer, start: number, end: number, sink: HpackSink): HpackError | null {
    void [buffer, start, end, sink];
    return null;
  }
}
